{{ stage_return('crowded_places', ['financial_year']) }}
