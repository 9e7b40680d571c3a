{{ stage_return('local_sites', ['financial_year']) }}
