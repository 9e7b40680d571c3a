{{ stage_long('mhmds', ['financial_year']) }}
