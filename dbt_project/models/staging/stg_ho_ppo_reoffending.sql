{{ stage_return('ho_ppo_reoffending', ['financial_year']) }}
