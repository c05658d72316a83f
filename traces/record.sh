#!/bin/sh
# Records the traces of the folder recorded/, into the folder OUT (default: that one).
# Needs analyze, cc, gcc, sqlite3, redis-server, python3 and GNU sort on the path; makes its inputs in OUT/inputs.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/recorded}
mkdir -p "$out/inputs"
cd "$out/inputs"

record() { # NAME WINDOW… -- COMMAND…
    name=$1
    shift
    env -i PATH="$PATH" LC_ALL=C PYTHONHASHSEED=0 analyze trace record --small -o "$out/$name.parquet" "$@" >/dev/null
}

awk 'BEGIN { x = 1
  for (i = 0; i < 400000; i++) { x = (x * 1103515245 + 12345) % 2147483648; printf "%d %020d\n", x, i } }' >lines.txt

cp "$here/programs/bfs.c" .
cc -O2 -o bfs bfs.c

cat >tables.sql <<'END'
create table customer(id integer primary key, name text, city integer);
create table sale(id integer primary key, customer integer, day integer, amount integer);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)
  insert into customer select i, 'customer ' || (i * 7919 % 20011), i * 31 % 97 from n;
with recursive n(i) as (select 1 union all select i + 1 from n where i < 200000)
  insert into sale select i, 1 + i * 104729 % 20000, i % 365, i * 15485863 % 1000 from n;
create index sale_by_customer on sale(customer);
END
rm -f shop.db
sqlite3 shop.db <tables.sql
cat >queries.sql <<'END'
begin;
with recursive n(i) as (select 1 union all select i + 1 from n where i < 500)
  select sum((select sum(amount) from sale where customer = 1 + i * 7907 % 20000)) from n;
with recursive n(i) as (select 1 union all select i + 1 from n where i < 300)
  insert into sale select 200000 + i, 1 + i * 6101 % 20000, i % 365, i from n;
update sale set amount = amount + 1 where customer between 400 and 430;
select name, sum(amount) from sale join customer on customer.id = sale.customer
  where city = 13 group by customer order by 2 desc limit 5;
commit;
END

cat >words.py <<'END'
import json, re
text = " ".join(f"word{i * 7919 % 5003} {i}" for i in range(40000))
count = {}
for word in re.findall(r"[a-z]+\d+", text):
    count[word] = count.get(word, 0) + 1
ranked = sorted(count.items(), key=lambda item: (-item[1], item[0]))
print(len(json.dumps(ranked)), ranked[:3])
END

# What a configure script does: small programs, one after the other, each in a process of its own.
cat >configure.sh <<'END'
found=
for name in stdio stdlib string unistd fcntl errno signal time math limits; do
    echo "#include <$name.h>" >"probe-$name.c"
    if test -f "/usr/include/$name.h" && grep -q include "probe-$name.c"; then
        found="$found $(echo "$name" | tr a-z A-Z)"
    fi
done
for word in $found; do
    expr "$word" : '.*' >/dev/null
    echo "#define HAVE_${word}_H 1"
done | sort | sed 's/_H 1$/_H    1/' >config.h
case $(uname -m) in x86_64) echo "#define WIDE 1" >>config.h ;; esac
cp config.h config.old && cmp -s config.h config.old && rm -f config.old probe-*.c
END

record bfs --skip 315M --limit 1M -- ./bfs 20 16 1
record sqlite --skip 1M --limit 6M -- sqlite3 shop.db ".read queries.sql"
record gcc --skip 30M --limit 2500K -- gcc -O2 -c -o bfs.o bfs.c
record python --skip 60M --limit 5M -- python3 words.py
record sort-threads --skip 400M --limit 2500K -- sort -n --parallel=2 -S 64M lines.txt
record configure -- sh configure.sh

# A server under load: the load itself is not recorded. BGSAVE forks it.
(
    until redis-cli -p 7397 ping >/dev/null 2>&1; do sleep 0.1; done
    redis-benchmark -p 7397 -q -t set,get -n 60000 -r 20000 -d 100 -c 4
    redis-cli -p 7397 bgsave
    redis-benchmark -p 7397 -q -t set,get,lpush,hset -n 100000 -r 20000 -d 100 -c 4
) >/dev/null 2>&1 &
record redis --skip 297500K --limit 4M -- redis-server --port 7397 --save '' --appendonly no --daemonize no
wait
