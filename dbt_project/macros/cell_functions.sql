{#-
    staging.number_of(cell): the number in a cell, or null. Reads `1,203,514`, ` 1 203 514 `, `£12.3m`, `45.6%`,
    `(12)`, `123r`, `123R`, `12.3 (p)`, `7.5 [e]` and the typographic minus; never takes a comma for a decimal point.
    staging.markers_of(cell): markers that stand beside a number or alone in brackets, as `[p][r]`, or null.
-#}
{% macro create_cell_functions() %}
    create or replace function staging.number_of(cell text) returns numeric
    language sql immutable parallel safe
    return (
        select
            case
                when bare ~ '^-?(\d+|\d{1,3}(,\d{3})+|\d{1,3}( \d{3})+)(\.\d+)?([eE][-+]?\d+)?$'
                    then translate(bare, ', ', '')::numeric
                when bare ~ '^-?\.\d+$' then bare::numeric
                when bare ~ '^\((\d+|\d{1,3}(,\d{3})+)(\.\d+)?\)$' then -translate(bare, '(),', '')::numeric
            end
        from (
            select
                regexp_replace(
                    regexp_replace(
                        lower(btrim(translate(cell, e'\u00a0\u2009\u202f\u2212', '   -'))),
                        '\s*(\[[a-z]+\]|\([a-z]\)|(?<=\d)[cxzuefprbw])+$', ''
                    ),
                    '^£\s*([-\d.,]+)\s*(m|bn|k)?$|^([-\d.,]+)\s*%$', '\1\3'
                ) as bare
        ) as cleaned
    );

    create or replace function staging.markers_of(cell text) returns text
    language sql immutable parallel safe
    return (
        select string_agg('[' || found.hit[1] || ']', '' order by found.place)
        from regexp_matches(
            regexp_replace(regexp_replace(lower(btrim(cell)), '\(([a-z])\)', '[\1]', 'g'), '(?<=\d)([cxzuefprbw])$', '[\1]'),
            '\[(c|x|z|low|u|e|f|p|r|b|w)\]', 'g'
        ) with ordinality as found (hit, place)
    );
{% endmacro %}
