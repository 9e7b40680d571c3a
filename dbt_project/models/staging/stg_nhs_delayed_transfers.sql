{{ stage_long('nhs_delayed_transfers', ['week_ending']) }}
