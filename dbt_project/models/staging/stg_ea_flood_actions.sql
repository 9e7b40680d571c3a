{{ stage_return('ea_flood_actions', ['financial_year']) }}
