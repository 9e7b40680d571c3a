{{ stage_return('sexual_offence_support', ['financial_year']) }}
