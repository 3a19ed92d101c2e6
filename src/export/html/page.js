'use strict';
// Steps through a story. Everything that is shown stands in the data below; texts become texts only.
(() => {
  const data = JSON.parse(document.getElementById('story').textContent);
  const by = (id) => document.getElementById(id);
  const list = by('lines'), screen = by('screen'), twin = by('twin'), range = by('range');
  const count = data.count;
  if (count === 0) return;
  const guesses = new Map();
  let lang = data.lang, now = 0;

  const make = (tag, className, text) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  };

  const clock = (entry) => entry.at;

  // A row of the list; `place` is that of its entry.
  const row = (entry, place) => {
    const words = data.words[lang];
    const item = make('li');
    item.dataset.kind = entry.kind;
    item.append(make('span', 'at', clock(entry)), make('span', 'who', entry.who),
      make('span', 'text', entry.text));
    const more = make('div', 'more');
    (entry.choices || []).forEach((choice, index) => {
      const button = make('button', '', choice);
      button.type = 'button';
      button.setAttribute('aria-pressed', String(guesses.get(place) === index));
      button.addEventListener('click', (event) => {
        event.stopPropagation();
        guesses.set(place, index);
        for (const other of more.querySelectorAll('button')) {
          other.setAttribute('aria-pressed', String(other === button));
        }
        mark();
      });
      more.append(button);
    });
    if (entry.hint) {
      const hint = make('details');
      hint.append(make('summary', '', words.hint), make('p', '', entry.hint));
      more.append(hint);
    }
    if (entry.answer !== undefined) {
      const reveal = make('details');
      reveal.append(make('summary', '', words.reveal),
        make('p', '', data[lang].entries[entry.answer].text));
      more.append(reveal);
    }
    if (entry.kind === 'answer') more.append(make('p', 'guess'));
    more.addEventListener('click', (event) => event.stopPropagation());
    if (more.childNodes.length > 0) item.append(more);
    item.addEventListener('click', () => show(place));
    return item;
  };

  // Beside an answer stands what was guessed.
  const mark = () => {
    data[lang].entries.forEach((entry, place) => {
      if (entry.kind !== 'ask' || entry.answer === undefined || !guesses.has(place)) return;
      const guess = list.children[entry.answer].querySelector('.guess');
      if (guess) guess.textContent = data.words[lang].yours + entry.choices[guesses.get(place)];
    });
  };

  const draw = () => {
    const { rows, texts, frames } = data[lang];
    const height = data.cell, size = data.size;
    const groups = frames[now].map((index, y) => rows[index] === '' ? '' :
      '<g transform="translate(0 ' + y * height + ')">' + rows[index] + '</g>').join('');
    const text = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ' + size[0] + ' ' + size[1] +
      '" aria-hidden="true" font-family="' + data.fonts + '" font-size="15"><rect width="100%" ' +
      'height="100%" fill="' + data.paper + '"/>' + groups + '</svg>';
    const parsed = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
    screen.replaceChildren(document.importNode(parsed, true));
    twin.textContent = frames[now].map((index) => texts[index]).join('\n');
  };

  const show = (place) => {
    now = Math.max(0, Math.min(count - 1, place));
    Array.from(list.children).forEach((item, index) => {
      item.hidden = index > now;
      if (index === now) item.setAttribute('aria-current', 'step');
      else item.removeAttribute('aria-current');
    });
    const entry = data[lang].entries[now];
    range.value = String(now);
    range.setAttribute('aria-valuetext', clock(entry) + ' ' + entry.text);
    by('place').textContent = (now + 1) + ' / ' + count;
    by('previous').disabled = now === 0;
    by('next').disabled = now === count - 1;
    by('heard').textContent = clock(entry) + ' ' + entry.who + ': ' + entry.text;
    draw();
    list.children[now].scrollIntoView({ block: 'nearest' });
    try { history.replaceState(null, '', '#' + (now + 1)); } catch (_) { /* not in a frame */ }
  };

  const speak = (other) => {
    lang = other;
    const words = data.words[lang], tale = data[lang];
    document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
    document.title = tale.title;
    by('title').textContent = tale.title;
    by('watch').textContent = tale.watch || '';
    by('about').replaceChildren(...(tale.about || []).map((text) => make('p', '', text)));
    for (const id of ['previous', 'next', 'language', 'summary']) by(id).textContent = words[id];
    range.setAttribute('aria-label', words.range);
    list.replaceChildren(...tale.entries.map(row));
    mark();
    show(now);
  };

  const keys = {
    ArrowRight: 1, ArrowDown: 1, PageDown: 1, n: 1, j: 1, l: 1, '.': 1,
    ArrowLeft: -1, ArrowUp: -1, PageUp: -1, N: -1, p: -1, k: -1, h: -1,
    Home: -Infinity, End: Infinity,
  };
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target === range) return;
    const step = keys[event.key];
    if (step !== undefined) show(now + step);
    else if (event.key === 'g') speak(lang === 'en' ? 'zh' : 'en');
    else return;
    event.preventDefault();
  });
  let touch = null;
  const figure = screen.parentNode;
  addEventListener('touchstart', (event) => {
    // Where the screen is wider than the window, a finger moves the screen.
    const scrolls = figure.contains(event.target) && figure.scrollWidth > figure.clientWidth;
    touch = event.touches.length === 1 && !scrolls && event.target !== range ?
      event.touches[0].clientX : null;
  }, { passive: true });
  addEventListener('touchend', (event) => {
    if (touch === null) return;
    const moved = event.changedTouches[0].clientX - touch;
    if (Math.abs(moved) > 60) show(now + (moved < 0 ? 1 : -1));
    touch = null;
  }, { passive: true });
  screen.addEventListener('click', () => show(now + 1));
  by('previous').addEventListener('click', () => show(now - 1));
  by('next').addEventListener('click', () => show(now + 1));
  by('language').addEventListener('click', () => speak(lang === 'en' ? 'zh' : 'en'));
  range.addEventListener('input', () => show(Number(range.value)));
  const named = () => Number.parseInt(location.hash.slice(1), 10) - 1;
  addEventListener('hashchange', () => { if (named() >= 0 && named() !== now) show(named()); });

  document.documentElement.dataset.live = '';
  by('bar').hidden = false;
  now = named() >= 0 ? Math.min(named(), count - 1) : 0;
  speak(lang);
})();
