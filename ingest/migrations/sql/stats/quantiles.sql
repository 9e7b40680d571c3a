-- Quantiles of the normal, Student's t and gamma distributions: what the limits of every statistic rest on.

create function stats.solved_z(level float8) returns float8
language plpgsql immutable strict parallel safe
as $$
declare
    tail constant float8 := (1 - level) / 2;
    start float8;
    quantile float8;
    miss float8;
begin
    if not (level > 0 and level < 1) then
        raise exception 'the level of confidence must lie between 0 and 1, and is %', level
            using errcode = 'invalid_parameter_value', hint = 'write 0.95 for 95 %';
    end if;
    -- A first guess to three decimals (Abramowitz & Stegun 26.2.23), then two of Halley's steps on the exact tail.
    start := sqrt(-2 * ln(tail));
    quantile := start - (2.515517 + 0.802853 * start + 0.010328 * start ^ 2)
        / (1 + 1.432788 * start + 0.189269 * start ^ 2 + 0.001308 * start ^ 3);
    for step in 1 .. 2 loop
        miss := (erfc(quantile / sqrt(2::float8)) / 2 - tail) * sqrt(2 * pi()) * exp(quantile ^ 2 / 2);
        quantile := quantile + miss / (1 - quantile * miss / 2);
    end loop;
    return quantile;
end
$$;
comment on function stats.solved_z(float8) is
'Two-sided quantile of the standard normal distribution at any level; the workings of stats.z.
Source: Abramowitz & Stegun (1964) 26.2.23, refined to double precision on erfc by Halley''s method.';

create function stats.z(level float8) returns float8
language sql immutable parallel safe
begin atomic
    -- The two levels that are used everywhere are known: nothing is solved even where the level is a column.
    select case level
        when 0.95 then 1.959963984540054
        when 0.998 then 3.090232306167813
        else stats.solved_z(level)
    end;
end;
comment on function stats.z(float8) is
'Two-sided quantile of the standard normal distribution: 1.959964 for level 0.95, 3.090232 for 0.998. A level outside
0 to 1 is an error. Source: Abramowitz & Stegun (1964) table 26.5 and 26.2.23.';

create function stats.p_value(z float8) returns float8
language sql immutable parallel safe
begin atomic
    select erfc(abs(z) / sqrt(2::float8));
end;
comment on function stats.p_value(float8) is
'Two-sided probability of a standard normal deviate at least as far from 0 as z, 0 to 1.
Source: Abramowitz & Stegun (1964) 26.2.29.';

create function stats.t(level float8, degrees_of_freedom float8) returns float8
language plpgsql immutable strict parallel safe
as $$
declare
    tail constant float8 := (1 - level) / 2;
    half constant float8 := degrees_of_freedom / 2;
    -- Scale of the density, and one over the beta function B(half, 1/2).
    scale float8;
    z constant float8 := stats.z(level);
    quantile float8 := z;
    share float8;
    above float8;
    is_far boolean;
    -- Continued fraction of the incomplete beta function, by Lentz.
    a float8;
    b float8;
    x float8;
    c float8;
    d float8;
    term float8;
    fraction float8;
    move float8;
begin
    if not (degrees_of_freedom >= 1 and degrees_of_freedom < 'infinity') then
        return null;
    end if;
    if degrees_of_freedom >= 10 then
        -- The expansion in one over the degrees of freedom (26.7.5); for many of them there is nothing left to solve.
        quantile := z
            + (z ^ 3 + z) / (4 * degrees_of_freedom)
            + (5 * z ^ 5 + 16 * z ^ 3 + 3 * z) / (96 * degrees_of_freedom ^ 2)
            + (3 * z ^ 7 + 19 * z ^ 5 + 17 * z ^ 3 - 15 * z) / (384 * degrees_of_freedom ^ 3)
            + (79 * z ^ 9 + 776 * z ^ 7 + 1482 * z ^ 5 - 1920 * z ^ 3 - 945 * z) / (92160 * degrees_of_freedom ^ 4);
        if degrees_of_freedom > 1000 then
            return quantile;
        end if;
    end if;
    scale := exp(lgamma(half + 0.5) - lgamma(half)) / sqrt(pi());
    -- The tail falls and is convex right of 0: Newton's steps from the left, where the normal quantile lies, go up to
    -- the root and never beyond.
    for step in 1 .. 60 loop
        share := degrees_of_freedom / (degrees_of_freedom + quantile ^ 2);
        is_far := share < (half + 1) / (half + 2.5);
        if is_far then
            a := half; b := 0.5; x := share;
        else
            a := 0.5; b := half; x := 1 - share;
        end if;
        c := 1;
        d := 1 / (1 - (a + b) * x / (a + 1));
        fraction := d;
        for m in 1 .. 500 loop
            term := m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d := 1 / (1 + term * d);
            c := 1 + term / c;
            fraction := fraction * d * c;
            term := -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d := 1 / (1 + term * d);
            c := 1 + term / c;
            fraction := fraction * d * c;
            exit when abs(d * c - 1) < 1e-14;
        end loop;
        above := scale * share ^ half * sqrt(1 - share) * fraction / a;
        above := case when is_far then above / 2 else (1 - above) / 2 end;
        move := (above - tail) / (scale / sqrt(degrees_of_freedom) * share ^ (half + 0.5));
        quantile := quantile + move;
        exit when abs(move) <= 1e-12 * quantile;
    end loop;
    return quantile;
end
$$;
comment on function stats.t(float8, float8) is
'Two-sided quantile of Student''s t distribution: 2.776445 for level 0.95 and 4 degrees of freedom. Null below one
degree of freedom. Source: Student (1908); Abramowitz & Stegun (1964) 26.7.1, 26.7.5 and 26.5.8, solved by
Newton''s method.';

create function stats.exact_limit(count float8, level float8, is_upper boolean) returns float8
language plpgsql immutable strict parallel safe
as $$
declare
    tail constant float8 := (1 - level) / 2;
    shape constant float8 := count + is_upper::int;
    z float8;
    norm float8;
    mean float8;
    -- Series or continued fraction of the incomplete gamma function.
    term float8;
    total float8;
    b float8;
    c float8;
    d float8;
    density float8;
    miss float8;
    move float8;
begin
    if not (count >= 0 and count < 'infinity') then
        return null;
    end if;
    -- Small whole counts at the usual levels are most of what is asked: a table, as Garwood's.
    if count < 10 and count = floor(count) and level in (0.95, 0.998) then
        return (case
            when level = 0.95 and is_upper then '{
                3.6888794541139354, 5.571643390938898, 7.22468766772396, 8.767273069742323, 10.241588675403694,
                11.66833207932267, 13.059474022518685, 14.422675361702376, 15.763189220193313, 17.084803451419166
            }'::float8[]
            when level = 0.95 then '{
                0, 0.025317807984289897, 0.24220927854396507, 0.6186721228956015, 1.089865373626325,
                1.623486390118421, 2.201894253490851, 2.814363051519867, 3.4538321767485023, 4.115373097378334
            }'::float8[]
            when is_upper then '{
                6.907755278982137, 9.233413476451585, 11.228872242412661, 13.06224077918807, 14.79414922253721,
                16.454745203680105, 18.061636840199064, 19.626177395384232, 21.15619816583998, 22.65737330906293
            }'::float8[]
            else '{
                0, 0.0010005003335835346, 0.045402017769489565, 0.19053337756840327, 0.42855241362842295,
                0.7393717319178327, 1.1071046602556396, 1.5203362603988093, 1.9708139217403662, 2.452424404363775
            }'::float8[]
        end)[count::int + 1];
    end if;
    z := stats.z(level);
    if shape = 0 then
        return 0;
    end if;
    if count = 0 then
        return -ln(tail);
    end if;
    norm := lgamma(shape);
    -- A first guess by Wilson & Hilferty; where it fails, next to 0, by the first term of the series.
    mean := shape * (1 - 1 / (9 * shape) + case when is_upper then z else -z end / (3 * sqrt(shape))) ^ 3;
    if mean < 0.1 then
        mean := (ln(tail) + norm + ln(shape)) / shape;
        if mean < -700 then
            return 0;
        end if;
        mean := exp(mean);
    end if;
    for step in 1 .. 50 loop
        density := exp((shape - 1) * ln(mean) - mean - norm);
        if is_upper and mean > shape + 1 then
            b := mean + 1 - shape;
            c := 1e300;
            d := 1 / b;
            total := d;
            for i in 1 .. 1000 loop
                term := -i * (i - shape);
                b := b + 2;
                d := 1 / (term * d + b);
                c := b + term / c;
                total := total * d * c;
                exit when term = 0 or abs(d * c - 1) < 1e-15;
            end loop;
            -- Beyond the limit lies as much as the tail: the step is the same, with its sign turned.
            miss := tail - density * mean * total;
        else
            term := 1 / shape;
            total := term;
            for i in 1 .. 1000 loop
                term := term * mean / (shape + i);
                total := total + term;
                exit when term < total * 1e-16;
            end loop;
            miss := density * mean * total - case when is_upper then 1 - tail else tail end;
        end if;
        move := miss / density;
        move := move / (1 - least(1, move * ((shape - 1) / mean - 1)) / 2);
        mean := case when move < mean then mean - move else mean / 2 end;
        exit when abs(move) <= 1e-9 * mean;
    end loop;
    return mean;
end
$$;
comment on function stats.exact_limit(float8, float8, boolean) is
'Exact limit of a Poisson count, as a count: half the chi-square quantile with 2 x count degrees of freedom (lower)
or 2 x count + 2 (upper). Source: Garwood (1936); quantile of the gamma distribution solved by Halley''s method.';
