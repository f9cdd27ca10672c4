-- +goose Up
-- +goose StatementBegin

-- Turning the key-encryption keys. Every stored data key is wrapped under a version of the key-encryption key of its compartment (bytes 1 to 4 of it);
-- `binhan keys rotate` makes a new version and lets the key process wrap each anew, while people work. The operator reads and writes wrapped keys only, through the functions
-- here: they put nothing in the place of a key but the same key (bytes 5 to 12) under a later version, only where the old one still stands, and record it for each case.

set role binhan_owner;

create schema keys;
grant usage, create on schema keys to binhan_keeper;
grant usage on schema keys to binhan_migrator;

-- Where wrapped keys lie. A test holds it against the columns whose class is "secret: wrapped".
create table keys.places (
  place text constraint places_pkey primary key,
  tab regclass not null,
  id_column name not null,
  owner_column name not null,
  case_column name,
  key_column name not null,
  compartment text not null,
  ordinal smallint not null
);
insert into keys.places values
  ('case_keys.identity', 'public.case_keys', 'case_id', 'case_id', 'case_id', 'identity', 'identity', 1),
  ('case_keys.safety', 'public.case_keys', 'case_id', 'case_id', 'case_id', 'safety', 'safety', 2),
  ('case_keys.narrative', 'public.case_keys', 'case_id', 'case_id', 'case_id', 'narrative', 'narrative', 3),
  ('case_keys.evidence', 'public.case_keys', 'case_id', 'case_id', 'case_id', 'evidence', 'evidence', 4),
  ('referral_keys.disclosure', 'public.referral_keys', 'referral_id', 'made_for', 'case_id', 'disclosure', 'disclosure', 5),
  ('referral_talk_keys.narrative', 'public.referral_talk_keys', 'referral_id', 'referral_id', 'case_id', 'narrative', 'narrative', 6),
  ('rights.request_keys.narrative', 'rights.request_keys', 'request_id', 'request_id', 'case_id', 'narrative', 'narrative', 7),
  ('rights.breach_keys.narrative', 'rights.breach_keys', 'breach_id', 'breach_id', null, 'narrative', 'narrative', 8),
  ('auth.factors.wrapped', 'auth.factors', 'id', 'user_id', null, 'wrapped', 'identity', 9),
  ('shelter_addresses.key', 'public.shelter_addresses', 'organisation_id', 'organisation_id', null, 'key', 'safety', 10);

comment on column keys.places.place is 'operational: name of the place';
comment on column keys.places.tab is 'operational: its table';
comment on column keys.places.id_column is 'operational: the column that names the row';
comment on column keys.places.owner_column is 'operational: the column that names whose key it is';
comment on column keys.places.case_column is 'operational: the column of the case for which a change is recorded';
comment on column keys.places.key_column is 'operational: the column of the key';
comment on column keys.places.compartment is 'operational: compartment of the key';
comment on column keys.places.ordinal is 'operational: order';

-- The key of a file lies inside the sealed details of its row, where no version can be read: here stands under which version it was last found.
create table keys.files (
  evidence_id uuid constraint files_pkey primary key constraint files_evidence_fkey references public.evidence (id) on delete cascade,
  version bigint not null
);
comment on column keys.files.evidence_id is 'operational: the file';
comment on column keys.files.version is 'operational: version of the key-encryption key under which its key is wrapped, or a later one';

grant select on keys.places to binhan_keeper;
grant select, insert, update on keys.files to binhan_keeper;
grant select, update (identity, safety, narrative, evidence) on public.case_keys to binhan_keeper;
grant update (disclosure) on public.referral_keys to binhan_keeper;
grant update (narrative) on public.referral_talk_keys to binhan_keeper;
grant select, update (narrative) on rights.request_keys, rights.breach_keys to binhan_keeper;
grant update (wrapped) on auth.factors to binhan_keeper;
grant select, update (key) on public.shelter_addresses to binhan_keeper;
grant update (details) on public.evidence to binhan_keeper;

set role binhan_keeper;

-- The version of a wrapped key, 0 when it is none.
create function keys.version(p_key bytea) returns bigint
language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
  select case when length(p_key) = 73 and get_byte(p_key, 0) = 1
              then (get_byte(p_key, 1)::bigint << 24) | (get_byte(p_key, 2) << 16) | (get_byte(p_key, 3) << 8) | get_byte(p_key, 4) else 0 end
$$;

-- How many keys of each place are wrapped under an older version.
create function keys.older(p_version bigint) returns table (place text, older bigint, total bigint)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare p record;
begin
  for p in select * from keys.places order by ordinal loop
    place := p.place;
    execute format('select count(*) filter (where keys.version(%1$I) < $1), count(*) from %2$s where %1$I is not null', p.key_column, p.tab)
      into older, total using p_version;
    return next;
  end loop;
  place := 'evidence.details';
  select count(*) filter (where coalesce(f.version, 0) < p_version), count(*) into older, total
    from public.evidence e left join keys.files f on f.evidence_id = e.id;
  return next;
end $$;

-- The next keys of a place that are wrapped under an older version, in the order of their rows.
create function keys.take(p_place text, p_version bigint, p_after uuid, p_limit integer)
returns table (id uuid, owner uuid, compartment text, key bytea)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare p record;
begin
  select * into strict p from keys.places x where x.place = p_place;
  return query execute format('select %1$I, %2$I, $1, %3$I from %4$s where %3$I is not null and keys.version(%3$I) < $2 and ($3::uuid is null or %1$I > $3) order by %1$I limit $4',
    p.id_column, p.owner_column, p.key_column, p.tab) using p.compartment, p_version, p_after, p_limit;
end $$;

-- Whether b may stand where a stands: the same key of the same form, wrapped under a later version.
create function keys.follows(a bytea, b bytea) returns boolean
language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
  select length(a) = 73 and length(b) = 73 and get_byte(a, 0) = get_byte(b, 0) and substr(a, 6, 8) = substr(b, 6, 8) and keys.version(b) > keys.version(a)
$$;

-- Puts keys back that the key process wrapped anew, where the old ones still stand; tells how many.
create function keys.put(p_place text, p_ids uuid[], p_old bytea[], p_new bytea[]) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare p record; moved integer;
begin
  select * into strict p from keys.places x where x.place = p_place;
  if exists (select from unnest(p_old, p_new) as v(a, b) where not coalesce(keys.follows(v.a, v.b), false)) then
    raise exception 'not the same keys under a later version' using errcode = 'BA500';
  end if;
  if p.case_column is not null then
    execute format($q$
      insert into audit.entries (act, kind, subject, case_id, classes, decision, condition)
      select 'keys.rewrap', 'case', t.%1$I, t.%1$I, '{}', 'allowed', $4
        from %2$s t join unnest($1, $2) as v(id, a) on v.id = t.%3$I and v.a = t.%4$I
       where t.%1$I is not null group by t.%1$I$q$, p.case_column, p.tab, p.id_column, p.key_column) using p_ids, p_old, p_new, p_place;
  end if;
  execute format('update %1$s t set %2$I = v.b from unnest($1, $2, $3) as v(id, a, b) where v.id = t.%3$I and v.a = t.%2$I', p.tab, p.key_column, p.id_column)
    using p_ids, p_old, p_new;
  get diagnostics moved = row_count;
  return moved;
end $$;

-- Files whose key was not yet found under the version: the sealed details, and the wrapped key that opens them.
create function keys.take_files(p_version bigint, p_after uuid, p_limit integer)
returns table (id uuid, owner uuid, key bytea, details bytea)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select e.id, e.case_id, k.evidence, e.details
    from public.evidence e
    join public.case_keys k on k.case_id = e.case_id and k.evidence is not null
    left join keys.files f on f.evidence_id = e.id
   where coalesce(f.version, 0) < p_version and (p_after is null or e.id > p_after)
   order by e.id limit p_limit
$$;

-- Puts details back whose key was wrapped anew inside the key process, or only notes that it was found new already (p_new null).
create function keys.put_file(p_id uuid, p_old bytea, p_new bytea, p_version bigint) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if p_new is not null then
    insert into audit.entries (act, kind, subject, case_id, classes, decision, condition)
    select 'keys.rewrap', 'evidence', e.id, e.case_id, '{}', 'allowed', 'evidence.details' from public.evidence e where e.id = p_id and e.details = p_old;
    update public.evidence e set details = p_new where e.id = p_id and e.details = p_old;
    if not found then
      return false;
    end if;
  end if;
  insert into keys.files (evidence_id, version) values (p_id, p_version)
    on conflict on constraint files_pkey do update set version = excluded.version;
  return true;
end $$;

revoke execute on all functions in schema keys from public;
grant execute on function keys.version(bytea), keys.older(bigint), keys.take(text, bigint, uuid, integer), keys.put(text, uuid[], bytea[], bytea[]),
  keys.take_files(bigint, uuid, integer), keys.put_file(uuid, bytea, bytea, bigint) to binhan_migrator;

reset role;
-- +goose StatementEnd
