"""The notebook as a person sees it: JupyterLab in Chromium."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location("edgp_lab", HERE / "lab.py")
assert _spec is not None
assert _spec.loader is not None
lab = importlib.util.module_from_spec(_spec)
sys.modules["edgp_lab"] = lab
_spec.loader.exec_module(lab)

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not lab.CHROMIUM, reason="no chromium on this machine"), pytest.mark.timeout(900)]

START = "%load_ext edgp_magics\nimport pandas as pd\nfrom edgp_magics.testing import planted_customers\ncustomers = planted_customers(200, each=4).frame"
CONTRAST = """() => {
  const rgb = t => (t.match(/[0-9.]+/g) || []).map(Number);
  const lum = c => { const [r, g, b] = c.slice(0, 3).map(v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4 });
                     return .2126 * r + .7152 * g + .0722 * b };
  const over = (f, b, a) => f.slice(0, 3).map((v, i) => v * a + b[i] * (1 - a));
  let worst = 99;
  for (const e of document.querySelectorAll('.edgp p, .edgp td, .edgp th, .edgp code, .edgp footer, .edgp summary, .edgp caption')) {
    if (!e.innerText.trim() || !e.offsetParent) continue;
    let back = [255, 255, 255], stack = [];
    for (let n = e; n; n = n.parentElement) { const c = rgb(getComputedStyle(n).backgroundColor);
      if (c.length && (c.length < 4 || c[3] > 0)) { stack.push(c); if (c.length < 4 || c[3] === 1) break; } }
    for (const c of stack.reverse()) back = over(c, back, c.length < 4 ? 1 : c[3]);
    let alpha = 1; for (let n = e; n; n = n.parentElement) alpha *= Number(getComputedStyle(n).opacity);
    const front = over(rgb(getComputedStyle(e).color), back, alpha), [a, b] = [lum(front), lum(back)];
    worst = Math.min(worst, (Math.max(a, b) + .05) / (Math.min(a, b) + .05));
  }
  return worst }"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with lab.running_lab(tmp_path_factory.mktemp("lab")) as found:
        yield found


@pytest.fixture(autouse=True)
def no_network() -> None:
    """The browser and the server talk over loopback by themselves."""


def test_cells_answer_in_every_theme_and_nothing_leaves_the_machine(running: Any) -> None:
    running.notebook(
        [START, "%governance", "%governance profile customers", "%governance assess customers", "%governance profile custmers"]
    )
    running.run_all()
    shown = running.outputs()
    assert "Data governance in this kernel" in shown[0]
    assert "Data profiling: customers" in shown[1]
    assert "Quality" in shown[2]
    assert "Did you mean customers?" in shown[3].replace("`", "")
    assert len(shown[3].strip().splitlines()) == 1
    for theme in ("Light", "Dark", "Dark High Contrast"):
        running.theme(theme)
        assert running.page.evaluate(CONTRAST) >= 4.5, theme
    running.theme("Light")
    assert running.offsite == []
    assert running.errors == []


def test_saved_outputs_are_read_without_kernel_untrusted(running: Any) -> None:
    running.reopen("t.ipynb", "again.ipynb")
    running.page.wait_for_timeout(3000)
    shown = "\n".join(running.outputs())
    for word in ("Data profiling: customers", "customer_id", "Findings", "Quality"):
        assert word in shown


def test_a_plan_is_applied_and_undone_with_buttons(running: Any) -> None:
    running.notebook([START, "cleaning = %governance clean customers", "%governance review cleaning --widget -o review"], name="w.ipynb")
    running.run_all()
    page = running.page
    page.get_by_role("button", name="Apply").wait_for()
    page.get_by_role("button", name="accept").first.click()
    page.get_by_text("1 decided").wait_for()
    page.get_by_role("button", name="Apply").click()
    page.get_by_text("in a new table (.frame)").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("nothing is applied").first.wait_for()


def test_the_inspector_is_steered(running: Any) -> None:
    running.notebook([START, '%governance rag "how long may we keep CVs?" --k 3 --widget -o inspector'], name="r.ipynb")
    running.run_all(timeout=240)
    page = running.page
    assert "Retrieval: how long may we keep CVs?" in running.outputs()[0]
    page.get_by_role("button", name="lexical").click()
    page.get_by_text("ranked by words (BM25)").first.wait_for()
    page.get_by_role("button", name="Open neighbours").click()
    page.get_by_text("In the order of the document").first.wait_for()
