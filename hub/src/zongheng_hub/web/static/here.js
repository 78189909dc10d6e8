// On a phone the navigation scrolls sideways: where one is comes into view.
addEventListener("DOMContentLoaded", () => {
  const here = document.querySelector(".nav [aria-current]");
  if (!here) return;
  const nav = here.closest(".nav"), box = nav.getBoundingClientRect(), of = here.getBoundingClientRect();
  nav.scrollLeft += of.left - box.left - (box.width - of.width) / 2;
});
