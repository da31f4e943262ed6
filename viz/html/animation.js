"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const last = data.frames.length - 1;
let at = 0;
let timer = 0;  // of the next frame; 0 while still

for (const frame of data.frames) new Image().src = frame.image;  // decoded before they are shown

function show(position) {
  at = position;
  const frame = data.frames[at];
  $("frame").src = frame.image;
  $("frame").alt = frame.words;
  $("say").textContent = frame.words;
  $("at").value = at;
  $("at").setAttribute("aria-valuetext", `${at + 1} of ${last + 1}`);
}

function wait() {
  timer = setTimeout(() => {
    if (at === last && !data.loop) return stop();
    show(at === last ? 0 : at + 1);
    wait();
  }, 1000 * data.frames[at].seconds);
}

function stop() {
  clearTimeout(timer);
  timer = 0;
  $("play").textContent = "Play";
  $("say").setAttribute("aria-live", "polite");
}

function play() {
  if (at === last) show(0);
  $("play").textContent = "Pause";
  $("say").setAttribute("aria-live", "off");  // a reader of screens is not interrupted each second
  wait();
}

$("play").addEventListener("click", () => (timer ? stop() : play()));
$("at").addEventListener("input", () => {
  stop();
  show(+$("at").value);
});
show(0);
if (!matchMedia("(prefers-reduced-motion: reduce)").matches) play();
