{#-
    staging.period_of(label, style): the days a period label means, as a daterange, or null where the label is not
    of the style. The same text means different things for different bodies (`2008-09` is a year for one and
    September for another), so the style is declared and an undeclared one is an error.
-#}
{% macro create_period_function() %}
    create or replace function staging.period_of(label text, style text) returns daterange
    language plpgsql immutable parallel safe
    as $function$
    declare
        cell text := btrim(label);
        part text[];
        first date;
        last date;  -- exclusive
        days daterange;
    begin
        if style in ('financial_year', 'academic_year', 'academic_year_august') then
            part := regexp_match(cell, '^(?:government-year/)?(\d{4})\s*[-/_]?\s*(?:\d{2})?(\d{2})$');
            if part is null or (part[1]::int + 1) % 100 <> part[2]::int then return null; end if;
            first := make_date(
                part[1]::int, case style when 'financial_year' then 4 when 'academic_year' then 9 else 8 end, 1
            );
            return daterange(first, (first + interval '1 year')::date);
        elsif style = 'calendar_year' then
            part := regexp_match(cell, '^(\d{4})(?:\.0+)?$');
            if part is null then return null; end if;
            return daterange(make_date(part[1]::int, 1, 1), make_date(part[1]::int + 1, 1, 1));
        elsif style = 'mid_year' then
            -- A stock at 30 June: a period of one day.
            part := regexp_match(cell, '^(\d{4})(?:\.0+)?$');
            if part is null then return null; end if;
            return daterange(make_date(part[1]::int, 6, 30), make_date(part[1]::int, 7, 1));
        elsif style = 'month' then
            part := regexp_match(cell, '^(\d{4})-?(0[1-9]|1[0-2])$');
            if part is not null then
                first := make_date(part[1]::int, part[2]::int, 1);
            else
                part := regexp_match(cell, '^((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*)[ -](\d{4}|\d{2})$');
                if part is null then return null; end if;
                first := staging.month_of(part[1], part[2]);
            end if;
            return daterange(first, (first + interval '1 month')::date);
        elsif style = 'quarter' then
            part := regexp_match(cell, '^(\d{4})\s*Q([1-4])$');
            if part is null then return null; end if;
            first := make_date(part[1]::int, part[2]::int * 3 - 2, 1);
            return daterange(first, (first + interval '3 months')::date);
        elsif style = 'financial_quarter' then
            part := regexp_match(cell, '^(\d{4})[-/](?:\d{2})?(\d{2})\s*Q([1-4])$');
            if part is null or (part[1]::int + 1) % 100 <> part[2]::int then return null; end if;
            first := (make_date(part[1]::int, 4, 1) + (part[3]::int - 1) * interval '3 months')::date;
            return daterange(first, (first + interval '3 months')::date);
        elsif style = 'quarter_ending' then
            part := regexp_match(cell, '^(\d{4})(03|06|09|12)$');
            if part is null then return null; end if;
            last := (make_date(part[1]::int, part[2]::int, 1) + interval '1 month')::date;
            return daterange((last - interval '3 months')::date, last);
        elsif style = 'year_ending' then
            part := regexp_match(cell, '^(\d{4})-(0[1-9]|1[0-2])$');
            if part is null then return null; end if;
            last := (make_date(part[1]::int, part[2]::int, 1) + interval '1 month')::date;
            return daterange((last - interval '1 year')::date, last);
        elsif style = 'month_span' then
            part := regexp_match(cell, '^((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)) (\d{4}|\d{2})\s*-\s*((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)) (\d{4}|\d{2})$');
            if part is null then return null; end if;
            return daterange(
                staging.month_of(part[1], part[2]),
                (staging.month_of(part[3], part[4]) + interval '1 month')::date
            );
        elsif style = 'iso_interval' then
            part := regexp_match(cell, '^(\d{4}-\d{2}-\d{2})(/P1Y)?$');
            -- The only branch that can meet an impossible day, and parallel workers cannot catch an error.
            if part is null or not pg_input_is_valid(part[1], 'date') then return null; end if;
            first := part[1]::date;
            return daterange(first, (first + case when part[2] is null then interval '1 day' else interval '1 year' end)::date);
        elsif style = 'quarter_date' then
            -- A stock counted in one month, which stands for its quarter.
            days := staging.period_of(cell, 'month');
            if days is null then return null; end if;
            first := date_trunc('quarter', lower(days))::date;
            return daterange(first, (first + interval '3 months')::date);
        elsif style = 'tranche' then
            -- Survey tranches of a financial year: April to July, August to November, December to March.
            part := regexp_match(cell, '^(\d{4}/\d{2}) T([1-3])$');
            days := staging.period_of(part[1], 'financial_year');
            if days is null then return null; end if;
            first := (lower(days) + (part[2]::int - 1) * interval '4 months')::date;
            return daterange(first, (first + interval '4 months')::date);
        elsif style = 'week_ending' then
            days := staging.period_of(cell, 'iso_interval');
            if days is null or upper(days) - lower(days) > 1 then return null; end if;
            return daterange(upper(days) - 7, upper(days));
        elsif style = 'ees' then
            return staging.ees_period_of(cell);
        elsif style = 'fingertips' then
            return staging.fingertips_period_of(cell);
        end if;
        raise exception 'period style % is not declared: add it to staging.period_of or correct the contract', style;
    end
    $function$;

    create or replace function staging.month_of(month text, year text) returns date
    language sql immutable parallel safe
    return to_date(left(month, 3) || ' ' || case when length(year) = 2 then '20' || year else year end, 'Mon YYYY');

    -- A time period and its identifier as Explore Education Statistics writes them, with a space between.
    create or replace function staging.ees_period_of(cell text) returns daterange
    language sql immutable parallel safe
    return case substring(cell from ' (.*)$')
        when 'Academic year' then staging.period_of(split_part(cell, ' ', 1), 'academic_year')
        when 'Financial year' then staging.period_of(split_part(cell, ' ', 1), 'financial_year')
        when 'Calendar year' then staging.period_of(split_part(cell, ' ', 1), 'calendar_year')
        else staging.period_of(substring(cell from ' (.*)$') || ' ' || split_part(cell, ' ', 1), 'month')
    end;

    create or replace function staging.fingertips_period_of(cell text) returns daterange
    language plpgsql immutable parallel safe
    as $function$
    declare
        part text[];
        first date;
        last date;  -- exclusive
    begin
        if cell ~ '^\d{4}$' then return staging.period_of(cell, 'calendar_year'); end if;
        if cell ~ '^\d{4} Q[1-4]$' then return staging.period_of(cell, 'quarter'); end if;
        if cell ~ '^\d{4}/\d{2}$' then return staging.period_of(cell, 'financial_year'); end if;
        if cell ~ '^\d{4}/\d{2} Q[1-4]$' then return staging.period_of(cell, 'financial_quarter'); end if;
        if cell ~ '^[A-Z][a-z]{2} \d{4}$' then return staging.period_of(cell, 'month'); end if;
        if cell ~ '^[A-Z][a-z]{2} \d{4} - [A-Z][a-z]{2} \d{4}$' then return staging.period_of(cell, 'month_span'); end if;
        -- Pooled calendar years: 2009 - 11.
        part := regexp_match(cell, '^(\d{2})(\d{2}) - (\d{2})$');
        if part is not null then
            last := make_date(part[1]::int * 100 + part[3]::int + case when part[3]::int < part[2]::int then 101 else 1 end, 1, 1);
            return daterange(make_date((part[1] || part[2])::int, 1, 1), last);
        end if;
        -- Pooled financial years: 2006/07 - 08/09.
        part := regexp_match(cell, '^(\d{4})/\d{2} - (\d{2})/(\d{2})$');
        if part is not null then
            first := make_date(part[1]::int, 4, 1);
            last := make_date(left(part[1], 2)::int * 100 + part[3]::int, 4, 1);
            return daterange(first, case when last <= first then (last + interval '100 years')::date else last end);
        end if;
        -- Spans of quarters: 2006/07 Q1-Q2, 2006 Q2 - 2007 Q1, 2006/07 Q1 - 2006/07 Q4.
        part := regexp_match(cell, '^(\d{4}/\d{2}) Q([1-4])-Q([1-4])$');
        if part is not null then
            return daterange(
                lower(staging.period_of(part[1] || ' Q' || part[2], 'financial_quarter')),
                upper(staging.period_of(part[1] || ' Q' || part[3], 'financial_quarter'))
            );
        end if;
        part := regexp_match(cell, '^(\d{4}) (Q[1-4]) - (\d{4}) (Q[1-4])$');
        if part is not null then
            return daterange(
                lower(staging.period_of(part[1] || ' ' || part[2], 'quarter')),
                upper(staging.period_of(part[3] || ' ' || part[4], 'quarter'))
            );
        end if;
        part := regexp_match(cell, '^(\d{4}/\d{2}) (Q[1-4]) - (\d{4}/\d{2}) (Q[1-4])$');
        if part is not null then
            return daterange(
                lower(staging.period_of(part[1] || ' ' || part[2], 'financial_quarter')),
                upper(staging.period_of(part[3] || ' ' || part[4], 'financial_quarter'))
            );
        end if;
        return null;
    end
    $function$;
{% endmacro %}
