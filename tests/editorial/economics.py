"""Forty invented abstracts of economics, with the topic that a reader would file each under.

They were written before any of them was judged, and ``economics.toml`` before that.
"""

from __future__ import annotations

from pathlib import Path

from digest.editorial.topics import load_topics

FILE = Path(__file__).with_name("economics.toml")

PAPERS: dict[str, list[tuple[str, str]]] = {
    "labour": [
        (
            "When the Plant Closes: Workers Ten Years Later",
            "We follow displaced workers in register data. A decade after the closure they earn "
            "eleven percent less and are more often out of employment; retraining helps the young.",
        ),
        (
            "Do Firms Set Wages? Evidence From Hospital Nurses",
            "Hospitals that dominate a commuting zone pay nurses less than others do. We estimate "
            "how strongly workers react to pay and find sizeable markdowns.",
        ),
        (
            "The Motherhood Penalty in Part-Time Jobs",
            "Using administrative records, we show that the pay gap between men and women opens "
            "after the first child and that reduced hours explain half of it.",
        ),
        (
            "Online Vacancies and the Speed of Hiring",
            "We link job advertisements to hires and document that vacancies are filled faster when "
            "salaries are posted. A search model rationalises the pattern for the unemployed.",
        ),
    ],
    "monetary": [
        (
            "Whispered Promises: How Households Hear Central Bankers",
            "A survey shows that few households notice announcements about future rates. Their "
            "expectations of inflation move with grocery prices instead.",
        ),
        (
            "The Long Shadow of the Zero Lower Bound",
            "When nominal rates cannot fall, asset purchases work through long-term yields. We "
            "estimate the effects of bond buying programmes on output and prices.",
        ),
        (
            "Sticky Prices and the Slope of the Phillips Curve",
            "We use micro price data to discipline a New Keynesian model and find that the response "
            "of inflation to slack has been small for thirty years.",
        ),
        (
            "Managing the Currency: Interventions in Small Open Economies",
            "We study foreign exchange interventions by central banks and their interaction with "
            "the policy rate when capital is mobile.",
        ),
    ],
    "trade": [
        (
            "Who Pays for a Trade War?",
            "We use customs records to show that import duties were passed through fully to domestic "
            "buyers, while exporters abroad kept their prices.",
        ),
        (
            "Containers and the Geography of Exchange",
            "The spread of container ports cut shipping times. We combine shipping routes with a "
            "gravity equation and find large gains for countries that were remote.",
        ),
        (
            "Learning by Exporting: Garment Firms After Market Access",
            "Firms that were granted duty-free access to a rich market raised quality and "
            "productivity. We trace the gains along the supply chain of multinationals.",
        ),
        (
            "Deep Agreements, Shallow Effects?",
            "Modern treaties go beyond tariffs and harmonise standards. We quantify what their "
            "provisions do to bilateral flows of goods and services.",
        ),
    ],
    "development": [
        (
            "Goats, Training and Hope: Lifting the Poorest Households",
            "A programme gave livestock and coaching to very poor families in rural districts. Five "
            "years on, consumption and savings are higher in treated villages.",
        ),
        (
            "Borrowing in Groups: Does Joint Liability Matter?",
            "We compare group and individual loans offered by a microfinance lender to women who run "
            "tiny businesses and find no difference in repayment.",
        ),
        (
            "Rains, Seeds and Risk: Insurance for Farmers",
            "Farmers who were offered weather insurance planted riskier and more profitable crops. "
            "Take-up remains low in poor regions without trust in the insurer.",
        ),
        (
            "Textbooks Are Not Enough",
            "We evaluate teaching at the right level in primary schools of a low-income country. "
            "Pupils' reading improves where volunteers regroup classes; aid for books alone does not.",
        ),
    ],
    "finance": [
        (
            "Patient Investors and the Value Premium",
            "Cheap stocks earn more than expensive ones. We show that the premium is concentrated in "
            "shares held by investors with short horizons.",
        ),
        (
            "Debt Overhang in the Boardroom",
            "Highly leveraged firms cut investment before covenants bind. Managers who own shares "
            "delay new equity and keep paying dividends.",
        ),
        (
            "Volatility in the Dark: Trading Outside the Exchange",
            "We study how orders routed to dark pools affect price discovery and find that returns "
            "become noisier around earnings announcements.",
        ),
        (
            "When Banks Stop Lending",
            "A shock to wholesale funding made some banks cut credit to firms. Borrowers with a "
            "single lender reduced borrowing and bond issuance did not make up for it.",
        ),
    ],
    "public": [
        (
            "Bunching at the Kink: How the Self-Employed Report",
            "Taxpayers cluster just below a threshold of the tax schedule. Most of the response is "
            "reporting rather than work, which changes the optimal top rate.",
        ),
        (
            "Retiring Later: What a Pension Reform Did",
            "We use a reform that raised the statutory age for benefits. Spending on other social "
            "insurance rose, and the government saved two thirds of what was expected.",
        ),
        (
            "Roads to Somewhere: Local Government Grants",
            "Municipalities that receive transfers from the state spend them on public goods rather "
            "than lower local taxes.",
        ),
        (
            "Hidden Wealth and the Price of Secrecy",
            "We estimate how much wealth is held offshore to evade taxation and how automatic "
            "exchange of information between authorities changed it.",
        ),
    ],
    "industry": [
        (
            "Algorithms That Learn to Collude",
            "Pricing software used by competing petrol stations raises margins after both rivals "
            "adopt it. We discuss what this means for competition authorities.",
        ),
        (
            "Killer Acquisitions Revisited",
            "Incumbents buy young rivals and discontinue their products. We estimate how blocking "
            "such mergers would change entry and prices.",
        ),
        (
            "What Is a Platform Worth to Its Sellers?",
            "We estimate demand on both sides of a marketplace and study the fees that a dominant "
            "platform charges to sellers.",
        ),
        (
            "Bidding Rings in Procurement",
            "We develop a test for collusion in auctions for road works and find that firms in the "
            "ring take turns to win.",
        ),
    ],
    "environment": [
        (
            "The Price of Soot: Coal Plants and Infant Deaths",
            "Plants that installed scrubbers lowered fine particles downwind. We value the damages "
            "from pollution avoided and compare them with the cost.",
        ),
        (
            "Trading Permits When Electricity Is Regulated",
            "Utilities in regulated states passed on the cost of allowances differently. Abatement "
            "of sulphur was more costly than in a free electricity market.",
        ),
        (
            "Fishing Rights and the Tragedy of the Commons",
            "Transferable quotas stopped the decline of fish stocks. We study which communities "
            "gained when the resource recovered.",
        ),
        (
            "How Hot Is Too Hot? Adaptation to Climate Change",
            "We estimate how heat harms output across regions and how air conditioning changes the "
            "response, and give implications for the cost of carbon.",
        ),
    ],
    "behaviour": [
        (
            "Tomorrow Never Comes: Commitment in the Gym",
            "Members who may tie their hands choose deposits that they lose when they stay at home. "
            "Demand for commitment reveals naive time preferences.",
        ),
        (
            "Sharing Under Observation",
            "Subjects in the lab give more to a stranger when a third person watches. The effect of "
            "norms is stronger than that of fairness concerns.",
        ),
        (
            "Defaults That Stick: Choosing Green Contracts",
            "Changing the default option moved most customers, and a reminder moved few. We separate "
            "inattention from preferences in a field study of nudges.",
        ),
        (
            "Losing Hurts: Goals and Effort",
            "Participants exert more effort to avoid falling short of a reference point. The data "
            "fit a model in which losses loom larger than gains.",
        ),
    ],
    "econometrics": [
        (
            "Many Weak Instruments and What to Do About Them",
            "We propose a jackknife estimator that is consistent when instruments are many and weak, "
            "derive its limit distribution, and give a simple standard error.",
        ),
        (
            "Staggered Adoption and Negative Weights",
            "Two-way regressions with staggered treatment average comparisons with wrong signs. We "
            "suggest an estimator with a clear interpretation under parallel trends.",
        ),
        (
            "Inference With Few Clusters",
            "Tests over-reject when there are few clusters. We show that a wild bootstrap works and "
            "give conditions for its validity in large samples.",
        ),
        (
            "Partial Identification of Causal Effects With Missing Outcomes",
            "We derive sharp bounds on the average effect of a treatment when outcomes are missing "
            "for some units, and confidence sets for the bounds.",
        ),
    ],
}


def judge() -> dict[str, bool]:
    """For each title, whether it landed in its topic."""
    topics = load_topics(FILE)
    return {
        title: topics.assign(title, abstract).topic == topic
        for topic, papers in PAPERS.items()
        for title, abstract in papers
    }
