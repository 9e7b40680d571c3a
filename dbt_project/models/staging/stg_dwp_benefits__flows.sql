{{ stage_nomis('dwp_benefits', ['financial_year'], table='flows') }}
