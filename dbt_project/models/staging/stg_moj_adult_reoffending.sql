{{ stage_live_table('moj_adult_reoffending', ['financial_year', 'month_span']) }}
