{{ stage_long('hmrc_child_poverty', ['calendar_year', 'financial_year']) }}
