{{ stage_return('yjb_yot_returns', ['financial_year'], scheme='yot_name') }}
