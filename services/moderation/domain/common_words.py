"""Short everyday words, English and Vietnamese (bare): a swear word torn in two is not made of these."""

from typing import Final

_ENGLISH: Final = """
a about after again all also am an and any are as at away back be been being big both but by came can come could day
did do does done down each end even ever every few find first for from full gave get give go goes gone good got great
had has have he help her here hers him his home house how i if in into is it its just keep kind know last left less let
life like line list live long look lot low made make man many may me men might mine more most much must my name near
need new next no none nor not now of off often old on once one only onto open or other our ours out over own part past
per put read real right run said same saw say see seen self she shop show side since sit so some soon step stop such
sun take tell ten than that the their them then there these they thing this those though to told too took top two under
up upon us use used very via was way we well went were what when where which while who whole whom whose why will wish
with won word work would yes yet you your yours re ve ll un non pre sub hit hits tit cock hole head face bag pig dog sea
be bee it its push pass mass class grass glass less ass bit bits ten sex ton tons ant ants art arts car cat cats key
"""
_VIETNAMESE: Final = """
anh ba bai ban bang bao bay be bi bo bon buon cac cach cai cam can cau cha chi cho chu chua chung co con cu cua cung da
dan dang dau day de den di dia diem do doc doi dong du duoc em gi gia giao gio giu ha hai han hay hoi hon hop ho hoc khi
kho khong kia kinh la lai lam lan len lo loi lon luc luon ma mai me mien moi mot mua muon nam nao nay nen neu ngay nghe
nguoi nha nhan nhat nhe nhieu nho nhu nhung ra rang rat roi sao sau se so song ta tai tam tao tat te the thi thoi thu
thuc tien tin to toi tot tra tren tri trong tu tuc van vao ve vi viec voi vua xa xe xem xin xuong y
"""
COMMON: Final = frozenset(f"{_ENGLISH} {_VIETNAMESE}".split())
