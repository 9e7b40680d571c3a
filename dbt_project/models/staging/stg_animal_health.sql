{{ stage_return('animal_health', ['financial_year']) }}
