{{ stage_els('ons_net_additions', 'Net additions to the housing stock (England)', 'iso_interval') }}
