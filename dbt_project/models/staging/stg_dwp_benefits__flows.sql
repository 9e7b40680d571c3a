{{ stage_nomis('dwp_benefits', ['month_span'], table='flows') }}
