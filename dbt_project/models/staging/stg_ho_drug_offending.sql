{{ stage_return('ho_drug_offending', ['financial_year']) }}
