"""Common English misspellings, set right before a title is made of a post's words."""

from __future__ import annotations

MISSPELLINGS = {
    "accomodate": "accommodate", "acheive": "achieve", "alot": "a lot", "begining": "beginning",
    "beleive": "believe", "buisness": "business", "calender": "calendar", "catagory": "category",
    "comming": "coming", "definately": "definitely", "definatly": "definitely", "definetly": "definitely",
    "dissapear": "disappear", "embarass": "embarrass", "embarassing": "embarrassing",
    "enviroment": "environment", "everytime": "every time", "excercise": "exercise", "existance": "existence",
    "experiance": "experience", "foward": "forward", "freind": "friend", "greatful": "grateful",
    "grammer": "grammar", "guage": "gauge", "happend": "happened", "immediatly": "immediately",
    "independant": "independent", "intresting": "interesting", "knowlege": "knowledge",
    "lightening": "lightning", "maintainance": "maintenance", "managable": "manageable",
    "mispelled": "misspelled", "neccessary": "necessary", "necesary": "necessary", "noticable": "noticeable",
    "occassion": "occasion", "occured": "occurred", "occuring": "occurring", "prefered": "preferred",
    "preform": "perform", "probaly": "probably", "publically": "publicly", "realy": "really",
    "reccomend": "recommend", "recomend": "recommend", "reccomendation": "recommendation", "recieve": "receive",
    "reoccuring": "recurring", "reoccurring": "recurring", "sabatage": "sabotage", "sabataging": "sabotaging",
    "seperate": "separate", "seperately": "separately", "seperating": "separating", "sieze": "seize",
    "speach": "speech", "succesful": "successful", "successfull": "successful", "suprise": "surprise",
    "suprised": "surprised", "temperture": "temperature", "tommorow": "tomorrow", "tomorow": "tomorrow",
    "truely": "truly", "untill": "until", "wierd": "weird", "wich": "which", "withold": "withhold",
}  # fmt: skip
