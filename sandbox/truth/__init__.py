"""The truth behind made figures: what is so in each place and period, before any body writes it down.

Every made file is written from here, and tests ask here what a published figure should be without going through the
pipeline. Nothing is stored: a value is a function of the seed, the measure, the place and the period.

    truth = Truth(2008, Geography())
    truth.value("pupils_ks4_end", "E08000016", ("2008-09-01", "2009-08-31"))            # 2871
    truth.value("deaths_all_causes_male_by_age", "E12000001", ("2008-01-01", "2008-12-31"), "65-69")
    truth.rolled("planning_decisions_major", "E06000001", ("2008-04-01", "2009-03-31"))  # sum of four quarters

Places are codes of any vintage and level (council, county, region, England, Multi Area Agreement, joint partnership,
police force, primary care trust). Measures that add up are whole numbers (a few are decimals, see `decimals` in
`sandbox/made/measures.csv`) drawn for the 354 councils of 31 March 2009; a larger place is the sum of its councils.
Scores, grades, means and rates are drawn for each place on its own. Measures of the care trusts (`nhs_vital_signs`)
are those of trusts: a council has what its trusts have, by the weights of `area_bridges.csv`.

Periods are (first day, last day) as ISO dates, at the grain the body delivers (`period_type` of `seeds/measures.csv`):
years, quarters, months, tranches (April-July, August-November, December-March), weeks ending on a Sunday, one day for
stocks at mid-year (30 June), and the dates of the survey's wave (`survey_waves.csv`). A quarterly benefit date stands
for the financial quarter that holds it.
"""

from __future__ import annotations

from sandbox.truth.model import Truth
from sandbox.truth.periods import Period

__all__ = ["Period", "Truth"]
