"""Invented texts from outside research on learning machines: none is of any shipped topic."""

from __future__ import annotations

FOREIGN = [
    (
        "Braising Winter Vegetables in Cider",
        "Peel the parsnips and brown them in butter with onions. Add dry cider, thyme and a little "
        "stock, cover the pan and braise slowly until tender. Serve with toasted walnuts.",
    ),
    (
        "The Doctrine of Consideration in Contracts of Guarantee",
        "This article reviews decisions of appellate courts on whether past consideration supports a "
        "guarantee. It argues that the judges treated sureties more kindly than the statute allows.",
    ),
    (
        "Salt Roads of the Late Hanseatic League",
        "Using town ledgers and bishops' letters, we describe how salt was carried from mines to "
        "harbours in the fifteenth century, and how tolls fell on merchants after the war.",
    ),
    (
        "Growing Roses on Chalk",
        "Chalk soils are thin and dry out in summer. Choose old varieties, mulch in March, and prune "
        "after flowering. Black spot is less of a nuisance than on clay.",
    ),
    (
        "A Grammar of Bell Ringing in Parish Churches",
        "Ringers in rural parishes keep notebooks of methods. We visited forty towers, spoke with "
        "captains, and describe how changes were handed down between the wars.",
    ),
    (
        "Tenancy, Enclosure and the Price of Wool",
        "Manorial court rolls show that copyhold tenants lost common grazing before enclosure acts "
        "were passed. We relate rents to wool sales of three monasteries.",
    ),
    (
        "Knitting a Fisherman's Sweater in the Round",
        "Cast on with a long-tail edge, join without twisting, and work the gussets at the underarm. "
        "The yoke is patterned with ropes and ladders.",
    ),
    (
        "Custody and Relocation After Divorce",
        "The paper examines how family judges decide when one parent wishes to move abroad with a "
        "child, and compares statutes in four countries.",
    ),
    (
        "Frescoes of a Forgotten Chapel",
        "The cycle of saints in the north aisle was painted over in 1740. We date the first layer by "
        "its pigments and name a likely master from the guild's accounts.",
    ),
    (
        "Sourdough at Altitude",
        "Dough rises faster and dries out in mountain kitchens. We bake forty loaves with less "
        "starter, more water and a hotter oven, and describe the crumb.",
    ),
    (
        "The Bishop's Two Wills",
        "Two testaments of the same bishop survive. This note compares their seals, witnesses and "
        "hand, and concludes that the later one was forged by a nephew.",
    ),
    (
        "Hedges, Hedgehogs and Parish Footpaths",
        "Volunteers walked the footpaths of a parish at dusk for two summers and counted hedgehogs. "
        "Fewer were met where hedges had been grubbed up.",
    ),
    (
        "Dower, Debt and Widowhood: Inheritance Disputes Before the Manor Courts, 1540–1620",
        "This article studies how widows in three villages defended their dower when husbands died "
        "in debt. Drawing on court rolls, wills and parish registers, it shows that juries were "
        "readier to uphold customary claims than historians have assumed, and that neighbours were "
        "called to testify about gifts made before marriage. Creditors, for their part, learned to "
        "ask for sureties among the husband's kin. The analysis suggests that litigation rose after "
        "bad harvests, that settlements out of court were common, and that clerks recorded them "
        "carelessly. By following eleven families over two generations, we trace how land passed "
        "sideways as well as downwards, and how remarriage unsettled what had been agreed. The "
        "findings invite a fresh look at the place of custom in rural justice and at the part that "
        "women played in keeping holdings together.",
    ),
    (
        "Smoke, Salt and Time: Curing Fish on Northern Coasts",
        "Cured fish was eaten on northern coasts long before ice houses. We describe four ways of "
        "curing herring and cod that are still practised by families on two islands, from gutting and "
        "salting to hanging in smoke of alder and juniper. Cooks were visited in autumn and spring; "
        "they explained how they judge firmness by touch, when to turn the barrels, and why some "
        "throw away the first brine. We cooked and tasted ninety pieces with them. Differences in "
        "taste come from wood, from the length of salting and above all from the cellar. The paper "
        "ends with recipes for a soup, a pie and a breakfast dish, and with thoughts on why "
        "restaurants in the capital have begun to serve what grandmothers ate in hard winters.",
    ),
    (
        "Reasonable Doubt in Translation: Interpreters and Jury Directions",
        "Criminal trials with interpreters raise a question that appellate courts have seldom "
        "addressed: what does a defendant hear when a judge directs the jury on reasonable doubt? "
        "Examining transcripts of twenty trials and interviewing barristers and sworn interpreters, "
        "this article argues that common renderings shift the burden of proof. It reviews statutes "
        "and leading cases in four jurisdictions, considers whether an appeal should lie for a "
        "mistaken rendering, and criticises the rule that only the words spoken in court are evidence. "
        "It proposes that directions be drafted with their translation in mind, and that counsel "
        "be heard on them before the jury retires.",
    ),
    (
        "Minutes of the Annual General Meeting",
        "Apologies were received. The accounts were adopted.",
    ),
    ("Untitled", ""),
    ("", ""),
]
