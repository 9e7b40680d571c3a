{{ stage_nomis('dwp_benefits', ['quarter_date'], table='claimants') }}
