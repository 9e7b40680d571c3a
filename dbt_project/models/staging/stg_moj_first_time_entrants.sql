{{ stage_live_table('moj_first_time_entrants', ['financial_year']) }}
