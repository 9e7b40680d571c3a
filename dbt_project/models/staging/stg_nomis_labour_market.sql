{{ stage_nomis('nomis_labour_market', ['month_span']) }}
