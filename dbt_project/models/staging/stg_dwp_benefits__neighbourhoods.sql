{{ stage_nomis_neighbourhoods('dwp_benefits', ['quarter_date']) }}
