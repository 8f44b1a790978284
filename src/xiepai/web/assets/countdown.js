// <time data-until="ISO" data-over="words">: counts down each second; without this file the time itself stands there.

const pad = (number) => String(number).padStart(2, "0");

const left = (seconds) => {
  const days = Math.floor(seconds / 86400);
  const clock = `${pad(Math.floor((seconds % 86400) / 3600))}:${pad(Math.floor((seconds % 3600) / 60))}:${pad(seconds % 60)}`;
  return days ? `${days} × 24 h + ${clock}` : clock;
};

const clocks = [...document.querySelectorAll("time[data-until]")];
// The server's clock is the one that counts: the difference to the reader's is taken once.
const skew = clocks.length ? Date.parse(clocks[0].dataset.now) - Date.now() : 0;

const tick = () => {
  for (const clock of clocks) {
    const seconds = Math.floor((Date.parse(clock.dataset.until) - Date.now() - skew) / 1000);
    clock.textContent = seconds > 0 ? left(seconds) : clock.dataset.over;
    clock.classList.toggle("soon", seconds < 3600);
  }
};
if (clocks.length) {
  tick();
  setInterval(tick, 1000);
}
