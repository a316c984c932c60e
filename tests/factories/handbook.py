"""An invented brand's handbook, department by department, as people upload it; enough for a gather of all seven."""

from __future__ import annotations

HANDBOOK = """# Moss & Amber handbook

## Positioning

Moss & Amber sells refillable skincare for people with sensitive skin in the premium mid-price segment.
Our category is fragrance-free skincare, and within that market we serve the niche of refill systems.
We promise customers calm skin within 28 days or their money back.
The guarantee is honoured without questions: 412 of 15,300 orders were refunded in 2025.
Unlike other brands, we publish the full formula with percentages on every bottle.
We differ from supermarket brands because every product has fewer than twelve ingredients.
Only refills are sold after the first purchase, so customers save 30 percent and one bottle each time.
Proof: a clinical test with 64 volunteers in Ghent found redness reduced by 41 percent after four weeks.
The cleanser won the Clean Beauty award in 2024 and has 4.7 stars from 2,310 reviews.
Our price level is premium but reachable: the cleanser costs 24 euros and its refill 16 euros.
Compared with pharmacy brands we are about 20 percent more expensive, and we say so.

## Audience

Our core customers are women and men between 28 and 45 who have sensitive or reactive skin.
A second segment are parents who buy the unscented balm for children under six.
Most buyers live in cities, work full time and order on their phone in the evening.
Customers want a routine of two steps that takes less than three minutes in the morning.
Their goal is calm skin without reading chemistry books; they look for short ingredient lists.
Many need products that work under makeup and do not sting around the eyes.
The main pain is redness after trying new products, which 7 in 10 describe in interviews.
They struggle with conflicting advice on social media and feel frustrated by marketing words.
An obstacle is the fear of wasting money on another jar that ends up in a drawer.
People buy when the season changes, above all in October when heating starts, and before holidays.
The birthday gift set is bought by partners, typically three days before the occasion.
Customers doubt whether fragrance-free products feel pleasant; samples remove this doubt.
A common objection is that refills are messy; the clip pouch shows that they are not.

## Product

We offer a cleanser, a serum, a moisturiser and a balm, each sold as bottle and refill pouch.
The product range stays at four items so that nobody has to choose for long.
The moisturiser's main benefit is that it keeps skin hydrated for 24 hours in lab tests.
A feature that customers praise is the pump which gives exactly 0.8 millilitres a press.
The serum works with 4 percent niacinamide and 2 percent panthenol that strengthen the skin barrier.
Use the cleanser on damp skin for thirty seconds, then apply two drops of serum.
All formulas contain water from our own filter plant and no perfume, colourants or silicones.
The starter bundle with all four products costs 89 euros, and a subscription saves 10 percent.
Refill packages come in sizes of 150 and 300 millilitres at 16 and 27 euros.
The balm is not suitable for people with a lanolin allergy, which the label says in bold.
A limit of the serum is that it needs about three weeks before a change is visible.
Once opened the moisturiser lasts for six months; there is a risk of separation above 30 degrees.

## Voice

Our tone of voice is calm, warm and precise, like a pharmacist who has time for you.
We speak to customers in the second person and never shout with capital letters.
We say calm, gentle, refill and formula; these words describe what we do best.
Call our customers people with sensitive skin, never patients and never problem skin.
Avoid the words miracle, flawless, anti-ageing and detox in every text.
We never use jargon such as actives or dermal matrix without explaining the term.
Style rule: sentences stay under twenty words, and each text has at most one exclamation mark.
Emoji are allowed in stories only, at most two, and never in customer service letters.
Humour is dry and rare; we joke about drawers full of jars, never about skin.

## Competitors

Our main competitors are Nordlys, Avenue Derma and the pharmacy brand Calmaderm.
Nordlys is the rival whom customers mention most often, in 38 percent of interviews.
As an alternative, customers use plain petroleum jelly from the drugstore or homemade oat baths.
Some customers switch to baby lotion instead when their budget is tight.
The strength of Nordlys is its distribution: it stands in 1,900 shops and is delivered faster.
Calmaderm is strong because doctors recommend it and it is cheaper by 40 percent.
A weakness of Nordlys is its perfume, about which sensitive customers complain in reviews.
Avenue Derma is slow to answer questions; customers wait five days for customer service.
Customers compare ingredient lists with a phone app before they look at the price.
In review videos people compare us with Calmaderm on redness after one week.

## Visual identity

Our colours are moss green, amber and warm white; the palette never includes pure black.
Amber is used as an accent colour on at most ten percent of a picture.
The logo is a lower-case wordmark in the typeface Lora with wide letter spacing.
Body text uses the font Inter in 16 pixels; headlines use Lora and never all capitals.
Photos are taken in daylight from a window, without retouched skin and without models under 25.
Video shows hands and textures in close-up, filmed at 60 frames a second.
Pictures of customers show real skin with redness, before and after, in the same light.
The packaging is a brown glass bottle with a paper label that lists the formula on the front.
The refill pouch has a matt design with one stripe of colour for each product.

## Channels

Instagram is our most important social media platform with 48,000 followers, followed by Pinterest.
We left Facebook in 2023 and do not use TikTok because its audience is too young for us.
Reels under 30 seconds are our best content format and bring 62 percent of new followers.
Carousels that explain one ingredient are saved twice as often as any other post.
Each month we publish one long guide about skin on the blog and a podcast with a dermatologist.
We post four times a week: Monday, Wednesday, Friday and Sunday at 19:00.
The newsletter goes out every second Thursday; the schedule pauses in August.
Search brings 44 percent of website visits, above all for the query fragrance-free cleanser.
Every product page on the website answers five questions that customers search for.
We spend 6,000 euros a month on advertising, two thirds of it on retargeting campaigns.
Ads stop when the cost of a first order exceeds 18 euros.
We work with nine creators who have sensitive skin themselves and pay them a fixed fee.
Our partners are 35 independent pharmacies that show the refill station.
"""

INTERVIEWS = """# What customers told us

Twelve interviews were held in March with customers who had ordered at least twice.
Redness after trying new products was the pain that nine of twelve named first.
Buyers said that the refill pouch was less messy than they had feared.
People with sensitive skin compare ingredient lists before they look at the price.
Two customers found the starter bundle too expensive at 89 euros and waited for a discount.
Parents use the balm on children in winter before they go outside.
Nordlys was named as the rival that smells too strong for reactive skin.
Most of them follow us on Instagram and watch short reels in the evening.
They describe our voice as calm and say that it sounds like a good pharmacist.
Several asked for a smaller travel size of the cleanser, around 50 millilitres.
"""

IN_RUSSIAN = """# Аудитория и продукт

Наши покупатели — женщины и мужчины от 28 до 45 лет с чувствительной кожей.
Главная проблема клиентов — покраснение после новых средств, о нём говорят семь из десяти.
Клиенты хотят короткий уход из двух шагов, который занимает меньше трёх минут.
Чаще всего покупают осенью, когда включают отопление, и перед праздниками.
Цена очищающего средства — 24 евро, сменный блок стоит 16 евро.
Сыворотка содержит четыре процента ниацинамида и работает около трёх недель.
Бальзам нельзя использовать при аллергии на ланолин.
Главный конкурент — Nordlys, его упоминают 38 процентов покупателей.
Наш тон спокойный и тёплый, мы никогда не пишем слово чудо.
Мы публикуем посты в Instagram четыре раза в неделю.
"""

_LISTED = """
Ghent Bruges Leuven Namur Liege Utrecht Leiden Haarlem Delft Breda Tilburg Cologne Bonn Aachen Lille Reims Metz Nancy
Basel Bern Zurich Graz Linz Salzburg Trento Verona Turin Bologna Parma Siena
"""
_CITIES = _LISTED.split()
_SAYINGS = (
    "customers in {city} told us in {year} that they compare the price of refills with {n} other products",
    "people in {city} buy the cleanser as a gift on {n} occasions a year, above all before holidays",
    "the pharmacy in {city} sold {n} bottles last month and asks for smaller packages",
    "our reels filmed in {city} brought {n} followers within one week on Instagram",
    "a competitor opened a shop in {city} and its weakness is a wait of {n} minutes",
    "photos taken in {city} show amber light and were saved {n} times by readers",
    "reviewers from {city} describe our tone of voice as calm in {n} letters",
    "the guarantee was used by {n} buyers in {city}, who doubted the promise at first",
    "advertising in {city} costs {n} euros a month and is paused when the budget is used up",
    "parents in {city} name redness as the main problem and wait {n} days for a change",
)


def long_report() -> str:
    """Write a report of 300 sentences, each about another town and with its own figures."""
    lines = ["# Field report"]
    for place, city in enumerate(_CITIES):
        lines.append(f"\n## Notes from {city}\n")
        for number, saying in enumerate(_SAYINGS):
            text = saying.format(city=city, year=2015 + place % 10, n=17 + 31 * place + 7 * number)
            lines.append(f"{text[0].upper()}{text[1:]}.")
    return "\n".join(lines)
