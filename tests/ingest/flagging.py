"""Candidate flags in a test's hands, with the inspectorates, rules and grades that belong to them."""

from __future__ import annotations

import json

from tests.ingest.publishing import CANDIDATE, Publishing, bare_candidates
from tests.ingest.warehouse import Warehouse
from tests.published import EMPTY

FLAG = ("E06000010", "Safer communities", "2009-10", "red")
EVIDENCE = {"indicators": [{"indicator_id": "ni_192", "component": "all", "value": 40, "vs_neighbours": "worse_998"}]}
CANDIDATES = f"""
update candidate.dim_indicator set theme = 'Safer communities';
insert into catalogue.inspectorates values
    ('csci', 'Commission for Social Care Inspection', null, '2009-03-31', 'cqc'),
    ('cqc', 'Care Quality Commission', '2009-04-01', null, null), ('hmic', 'Constabulary', null, null, null);
insert into catalogue.inspectorate_themes values
    ('nis_2008', 'Safer communities', 'csci', '2008-04-01', '2009-03-31', 'joins'),
    ('nis_2008', 'Safer communities', 'cqc', '2009-04-01', null, 'joins'),
    ('nis_2008', 'Safer communities', 'hmic', '2008-04-01', null, 'lead');
insert into catalogue.assessment_rules values
    ('2008.1', 'benjamini_hochberg_q', '0.05', '2008-04-01', 'a source'),
    ('2008.1', 'least_neighbours', '5', '2008-04-01', 'a source');
insert into catalogue.datasets values ('waste', 'environment', 'Defra', 'Waste', 'govuk', 'council');
insert into indicators.component_source values ('nis_2008', 'ni_192', 'all', 'waste');
insert into candidate.fact_flag
    (framework_id, theme, area_code, framework_year, flag_kind, score, n_indicators, indicators, sentence, rule_version,
     evidence)
select 'nis_2008', 'Safer communities', 'E06000010', year, kind, 2, 1, 'ni_192/all', 'Hull ...', '2008.1',
    '{json.dumps(EVIDENCE)}'
from (values ('2008-09', 'red'), ('2009-10', 'red'), ('2010-11', 'red'), ('2010-11', 'green')) as f (year, kind);
insert into candidate.flag_summary
    (framework_id, framework_year, rule_version, areas, indicators, comparisons_possible, comparisons_made,
     expected_by_chance, expected_worse_by_chance, significant, significant_adjusted, worse, better, in_worst_quintile,
     red_candidates, urgent_candidates, green_candidates)
values ('nis_2008', '2009-10', '2008.1', 150, 196, 29400, 29400, 58.8, 29.4, 2000, 1500, 700, 800, 5800, 1, 0, 0);
insert into candidate.fact_quality
    (framework_id, indicator_id, component, framework_year, accuracy, score, critical_fails, grade)
values ('nis_2008', 'ni_192', 'all', '2009-10', 1, 0.99, 0, 'A');
"""


def flagged(warehouse: Warehouse) -> Publishing:
    """Candidate tables with flags of Hull; nothing is published and nothing was decided yet."""
    warehouse.query("alter table published.flag_decision disable trigger user; delete from published.flag_decision; "
                    "alter table published.flag_decision enable always trigger a_legal_move; "
                    "alter table published.flag_decision enable always trigger never_rewritten; "
                    "alter table published.flag_decision enable always trigger never_emptied",
                    role="nis_publisher")  # fmt: skip
    warehouse.query(EMPTY, role="nis_publisher")
    warehouse.query("truncate ops.build, ops.quality_result, ops.release cascade", role="nis_loader")
    warehouse.query(CANDIDATE, role="nis_transformer")
    bare_candidates(warehouse)
    made = Publishing(warehouse)
    made.change(CANDIDATES)
    return made
