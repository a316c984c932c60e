"""Words that say nothing of what a post is about, and the names of days and months, which come round by themselves."""

from __future__ import annotations

_WORDS = """
another instead
about after again all also always and any anyone are aren around ask away back because been before being best
better big both but can can't cannot come comes could day days did didn does doesn doing don don't done each else
enough even ever every everyone everything feel few find first for from full get gets getting give going gone good
got great had happened has hasn have haven having help here hers him his hour hours how i'm if in into isn it's its
just keep kind know last later least less let like little long look looking lot lots made make makes making many
maybe mine month months more most much must need needs never new next nice night not nothing now off okay old once
one only other our ours out over own people per please point pretty put quite really right said same say says see
seen she should show since small some someone something sometimes soon start started still stop such sure take
taken tell than thank thanks that the their them then there these they thing things think this those though three
through time times today told tomorrow tonight too took tried try trying two under until use used using very via
wait want wants was wasn watch way week weeks well went were what when where which while who whole why will wish
with without won work works would wouldn yeah year years yes yesterday yet you your yours you're i've i'll amp
бы без больше был была были было быть вам вас весь вот все всё всего всегда всем всех вы где год года даже два для
день дня до его еще ещё если есть зато из или им их как когда кто куда ли лучше между меня мне много может можно
мой моя мы на над надо нам нас наш не него нее ней нет них но ну она они оно от очень перед по под после потом
почему при про раз сам самый свой себе себя сейчас сегодня снова сразу так также такой там тебя тем теперь то тоже
только том тот три тут ты уже хотя чего чем через что чтобы чуть эта эти это этого этой этом этот просто будет
monday tuesday wednesday thursday friday saturday sunday january february march april june july august september
october november december morning evening weekend понедельник вторник среда среду четверг пятница пятницу суббота
субботу воскресенье января февраля марта апреля мая июня июля августа сентября октября ноября декабря утром вечером
dans des est les pas pour que qui sur une avec con del las los para por una uno della degli della che non per sono
und der die das mit ist ein eine auf von den
"""

PLAIN_WORDS = frozenset(_WORDS.split())
