{{ stage_return('noms_probation_outcomes', ['financial_year']) }}
