-- The area for which a code or name stands, by scheme and day.
with councils as (
    -- Names that forces, agreements and waste authorities share with councils are left to their own schemes.
    select
        alias.alias,
        alias.area_code,
        alias.valid_from,
        alias.valid_to,
        area.area_type
    from {{ ref('area_aliases') }} as alias
    inner join {{ ref('areas') }} as area on alias.area_code = area.area_code
    where
        alias.alias_kind = 'name'
        and area.area_type in (
            'country', 'region', 'county', 'unitary', 'district', 'metropolitan_district', 'london_borough'
        )
),

dated as (
    -- A code of today names one ground for ever, and bodies restate old years under it.
    select
        'gss' as scheme,
        area_code as code,
        area_code,
        null::date as valid_from,
        null::date as valid_to
    from {{ ref('areas') }}
    where area_code like 'E%'

    union

    -- Of a county and its district of one name (Durham) the county is meant.
    select
        'name' as scheme,
        councils.alias as code,
        councils.area_code,
        councils.valid_from,
        councils.valid_to
    from councils
    left join councils as county
        on
            councils.alias = county.alias
            and councils.area_type = 'district'
            and county.area_type = 'county'
    where county.alias is null

    union

    -- A small area is called after its lowest-tier council of 2001 to 2009, whatever became of the council since.
    (
        select distinct on (councils.alias)
            'lsoa_name' as scheme,
            councils.alias as code,
            councils.area_code,
            null::date as valid_from,
            null::date as valid_to
        from councils
        where councils.area_type not in ('country', 'region', 'county')
        order by councils.alias asc, councils.valid_from asc nulls first, councils.area_code asc
    )

    union

    select
        'region_name' as scheme,
        written.code,
        councils.area_code,
        councils.valid_from,
        councils.valid_to
    from councils
    cross join lateral (values (councils.alias), (upper(councils.alias))) as written (code)
    where councils.area_type in ('country', 'region')

    union

    select
        'region_name' as scheme,
        written.code,
        alias.area_code,
        alias.valid_from,
        alias.valid_to
    from {{ ref('area_aliases') }} as alias
    cross join lateral (
        values (alias.alias), (upper(alias.alias)), (replace(alias.alias, ' The ', ' the '))
    ) as written (code)
    where alias.alias_kind = 'region'

    union

    select
        alias_kind as scheme,
        alias as code,
        area_code,
        valid_from,
        valid_to
    from {{ ref('area_aliases') }}
    where alias_kind in ('old_ons', 'dfe_la', 'csp_name', 'yot_name', 'pct', 'police_force_name')

    union

    -- The areas of other bodies that are no council's ground have rows of their own.
    select
        case area_type when 'pct' then 'pct' else area_type || '_name' end as scheme,
        case area_type when 'pct' then area_code else area_name end as code,
        area_code,
        valid_from,
        valid_to
    from {{ ref('areas') }}
    where area_type in ('csp', 'yot', 'pct', 'police_force')
)

-- Bodies change their codes early or late and restate earlier years, so a code's first and last meaning have no end.
select
    scheme,
    code,
    area_code,
    case when lag(code) over meanings is null then '-infinity' else valid_from end::date as valid_from,
    case when lead(code) over meanings is null then 'infinity' else valid_to end::date as valid_to
from dated
window meanings as (partition by scheme, code order by valid_from asc nulls first)
