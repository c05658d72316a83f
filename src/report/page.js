"use strict";
// The table of cells, sorted and filtered; the page is whole without this. Names come from users: text only, never markup.
(() => {
  const numbers = JSON.parse(document.getElementById("numbers").textContent);
  // A packed column as a function from row to value.
  const column = (it) => "each" in it ? (row) => it.each[row] : "of" in it ? (row) => it.of[it.at[row]] : () => it.one;
  const counts = numbers.counts.map((it) => ({ ...it, at: column(it.values) }));
  const count = Object.fromEntries(counts.map((it) => [it.name, it.at]));
  const axes = numbers.axes.filter((it) => it.varies).map((it) => ({ ...it, at: column(it.values) }));
  const ACCESSES = counts.findIndex((it) => it.name === "accesses");
  const [sheet, share, warnings] = [numbers.sheet, numbers.share, numbers.warnings].map(column);

  // Cycles are exact: whole numbers of 10^-9.
  const DECIMALS = 9;
  const exact = (text) => {
    const [whole, decimals = ""] = text.split(".");
    return BigInt(whole + decimals.padEnd(DECIMALS, "0"));
  };
  const sheets = numbers.sheets.map((it) => ({ cycles: it.cycles, exact: it.cycles.map(exact), assumed: it.assumed }));
  // The counts of each stretch of the trace, by event; of those after the first only what is charged for.
  const stretches = [counts.map((it) => it.at), ...numbers.further.map((it) => it.map((values) => values && column(values)))];
  const prices = numbers.prices.map(([name, event, part, per]) => ({ name, event, part, per }));
  // Bytes are charged in whole pages.
  const charge = (row, at) => sheets[sheet(row)].exact.map((price, i) => BigInt(Math.floor(at[prices[i].event](row) / prices[i].per)) * price);
  const bills = Array.from({ length: numbers.rows }, (_, row) => stretches.map((at) => {
    let [ideal, beyond] = [0n, 0n];
    charge(row, at).forEach((cycles, i) => prices[i].part === 0 ? ideal += cycles : beyond += cycles);
    const accesses = at[ACCESSES](row);
    return { cycles: Number(ideal + beyond) / 10 ** DECIMALS, overhead: ideal > 0n ? Number(beyond) / Number(ideal) : null,
      added: accesses > 0 ? Number(beyond) / 10 ** DECIMALS / accesses : null };
  }));

  const spaced = (text) => String(text).replace(/^\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, " "));
  const decimal = (cycles) => {
    const text = cycles.toString().padStart(DECIMALS + 1, "0");
    return spaced((text.slice(0, -DECIMALS) + "." + text.slice(-DECIMALS)).replace(/\.?0+$/, ""));
  };
  const short = (number) => number === null ? "" : number === 0 ? "0" : number < 0.01 ? "<0.01" : number < 0.995 ? number.toFixed(2) :
    number < 9.95 ? number.toFixed(1) : number < 999500 ? String(Number(number.toPrecision(3))) : number.toExponential(1).replace("+", "");
  const percent = (share) => share === null ? "–" : spaced(short(share * 100)) + " %";
  const bytes = (size) => {
    const unit = [[2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"]].find(([unit]) => size >= unit);
    return unit ? (size / unit[0]).toFixed(1) + " " + unit[1] : size + " B";
  };
  const rate = (number) => number === null ? "" : number.toFixed(2);

  // In the order of `measures`: value, text.
  const references = (row) => count.guest_refs(row) + count.shadow_refs(row) + count.host_refs(row);
  const measured = [
    ...stretches.flatMap((_, i) => [[(row) => bills[row][i].overhead, percent], [(row) => bills[row][i].added, (added) => spaced(short(added))]]),
    [(row) => Math.round(bills[row][0].cycles), spaced],
    [(row) => count.walks(row) * 1000 / count.accesses(row), rate],
    [(row) => count.walks(row) ? references(row) / count.walks(row) : null, rate],
    [count.vm_exits, spaced],
    [count.hypercalls, spaced],
    [(row) => count.peak_total_nodes(row) * 4096, bytes],
    [share, (share) => share === null ? "" : share + " %"],
  ];
  const columns = [
    ...axes.map((it) => ({ name: it.name, meaning: it.meaning, at: it.at, text: String })),
    ...numbers.measures.map(([name, meaning], i) => ({ name, meaning, at: measured[i][0], text: measured[i][1], number: true })),
  ];
  const last = { name: "warnings", meaning: "Why to read the row with care.", at: warnings, text: String, names: true };

  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    made.append(...children);
    return made;
  };
  const table = document.getElementById("table");
  const body = table.tBodies[0];
  const more = document.getElementById("more");
  const found = document.getElementById("found");
  const controls = document.getElementById("controls");
  const AT_ONCE = 200;
  let order = [], drawn = 0, sorted = null, falling = false;
  const chosen = new Map();
  let words = [];

  function bill(row) {
    const { cycles: cyclesOf, assumed } = sheets[sheet(row)];
    const cycles = stretches.map((at) => charge(row, at));
    const sums = (of) => cycles.map((each) => of.reduce((sum, i) => sum + each[i], 0n)).map((sum) => element("td", {}, decimal(sum)));
    const lines = stretches.length > 1 ? [element("tr", {}, ...["", "", "", "whole", "steady"].map((word) => element("td", {}, word)))] : [];
    numbers.parts.forEach(([name, meaning], part) => {
      const mine = prices.map((_, i) => i).filter((i) => prices[i].part === part && counts[prices[i].event].at(row) > 0);
      if (mine.length === 0) return;
      lines.push(element("tr", { title: meaning }, element("th", { colspan: 3 }, name), ...sums(mine)));
      for (const i of mine) {
        const event = counts[prices[i].event];
        const per = prices[i].per === 1 ? "" : ` per ${prices[i].per / 1024} KiB`;
        const price = element("td", { title: prices[i].name }, spaced(cyclesOf[i]) + per);
        if (assumed[i]) price.append(element("i"));
        lines.push(element("tr", {}, element("td", { title: event.meaning }, event.name), element("td", {}, spaced(event.at(row))), price, ...sums([i])));
      }
    });
    lines.push(element("tr", {}, element("th", { colspan: 3 }, "cycles"), ...sums(prices.map((_, i) => i))));
    return element("table", { class: "bill" }, element("tbody", {}, ...lines));
  }

  function toggle(button, row) {
    const line = button.closest("tr");
    const open = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!open));
    if (open) return line.nextSibling.remove();
    const said = numbers.meanings.filter(([name]) => warnings(row).split(" ").includes(name));
    const cell = element("td", { colspan: columns.length + 1 }, bill(row), ...said.map(([name, meaning]) => element("p", { class: "quiet" }, `${name}: ${meaning}`)));
    line.after(element("tr", { class: "opened" }, cell));
  }

  function draw() {
    const rows = order.slice(drawn, drawn + AT_ONCE).map((row) => element("tr", {}, ...[...columns, last].map((it) => {
      const text = it.text(it.at(row));
      const cell = element("td", it.number ? { class: "n" } : it.names ? { class: "names" } : { title: text });
      if (it.name !== "overhead") return cell.append(text), cell;
      const button = element("button", { type: "button", "aria-expanded": "false", title: "Show the bill" }, text);
      button.addEventListener("click", () => toggle(button, row));
      return cell.append(button), cell;
    })));
    body.append(...rows);
    drawn += rows.length;
    more.hidden = drawn === order.length;
    more.replaceChildren(`${spaced(drawn)} of ${spaced(order.length)} are shown. `);
    if (drawn < order.length) {
      const button = element("button", { type: "button" }, `Show ${Math.min(AT_ONCE, order.length - drawn)} more`);
      button.addEventListener("click", draw);
      more.append(button);
    }
  }

  function refresh() {
    order = Array.from({ length: numbers.rows }, (_, row) => row).filter((row) =>
      [...chosen].every(([axis, value]) => String(axis.at(row)) === value) &&
      words.every((word) => axes.some((axis) => String(axis.at(row)).toLowerCase().includes(word)) || warnings(row).includes(word)));
    if (sorted) {
      const sign = falling ? -1 : 1;
      const by = (a, b) => {
        const [x, y] = [sorted.at(a), sorted.at(b)];
        if (x === null || y === null) return (x === null) - (y === null);
        return sign * (typeof x === "number" ? x - y : String(x).localeCompare(String(y), "en", { numeric: true })) || a - b;
      };
      order.sort(by);
    }
    body.replaceChildren();
    drawn = 0;
    const all = `${spaced(numbers.rows)} row${numbers.rows === 1 ? "" : "s"}`;
    found.hidden = false;
    found.textContent = order.length < numbers.rows ? `${spaced(order.length)} of ${all}` : all;
    draw();
  }

  function head() {
    const cells = [...columns, last].map((it) => {
      const button = element("button", { type: "button" }, it.name);
      button.addEventListener("click", () => {
        falling = sorted === it ? !falling : false;
        sorted = it;
        head();
        refresh();
      });
      const cell = element("th", { scope: "col", title: it.meaning ?? "" }, button);
      if (it.number) cell.className = "n";
      if (it === sorted) cell.setAttribute("aria-sort", falling ? "descending" : "ascending");
      return cell;
    });
    table.tHead.rows[0].replaceChildren(...cells);
  }

  // Focus stays where it was: the headings are made anew.
  table.tHead.addEventListener("click", (event) => {
    const name = event.target.textContent;
    [...table.tHead.querySelectorAll("button")].find((button) => button.textContent === name)?.focus();
  });

  function labelled(name, control) {
    controls.append(element("label", {}, name, control));
    return control;
  }

  for (const axis of axes) {
    const values = [...new Set(Array.from({ length: numbers.rows }, (_, row) => String(axis.at(row))))];
    const select = labelled(axis.name, element("select", { name: axis.name }, new Option("all", "\u0000"), ...values.map((value) => new Option(value || "(none)", value))));
    select.addEventListener("change", () => {
      if (select.selectedIndex === 0) chosen.delete(axis);
      else chosen.set(axis, select.value);
      refresh();
    });
  }
  const search = labelled("words", element("input", { type: "search", name: "words", placeholder: "2M ept" }));
  search.addEventListener("input", () => {
    words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    refresh();
  });
  const extra = labelled("another column", element("select", { name: "column" }, new Option("add …", ""), ...counts.map((it) => new Option(it.name, it.name))));
  extra.addEventListener("change", () => {
    const it = counts.find((it) => it.name === extra.value);
    if (it && !columns.some((known) => known.name === it.name)) columns.push({ name: it.name, meaning: it.meaning, at: it.at, text: spaced, number: true });
    extra.selectedIndex = 0;
    head();
    refresh();
  });

  document.getElementById("bills").remove();
  controls.hidden = false;
  head();
  refresh();
})();
