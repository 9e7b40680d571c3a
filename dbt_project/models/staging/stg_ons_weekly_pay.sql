{{ stage_els('ons_weekly_pay', 'Gross median weekly pay', 'iso_interval') }}
