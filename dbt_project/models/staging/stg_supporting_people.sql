{{ stage_return('supporting_people', ['financial_quarter']) }}
