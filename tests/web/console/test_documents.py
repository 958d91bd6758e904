"""A document from upload to answers, and back again."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, expect

from bot.web.csrf import csrf_token
from tests.knowledge.county import FILES, MEASURES
from tests.web.browser import violations
from tests.web.console.colleagues import Colleague
from tests.web.served import Served
from tests.web.test_chat import sits_down

QUESTION = "租园区厂房一平方米补多少钱？"
NAME = next(f"{Path(name).stem}.txt" for name, text in FILES.items() if text == MEASURES)
CHANGED = MEASURES.replace("每月每平方米3元", "每月每平方米6元")


def answers(site: Served, question: str = QUESTION) -> str:
    answer = site.app.library.answer(question, on=site.clock.today())
    return "".join(citation.quote for citation in answer.citations)


async def uploads(who: Colleague, name: str, content: bytes) -> str:
    """Upload a file and wait until it is read; give the edition's id."""
    async with who.http() as client:
        form = {"csrf": csrf_token(who.token)}
        answer = await client.post("/console/documents/uploads", data=form, files={"files": (name, content)})
        assert answer.status_code == 303, answer.text
        identity = answer.headers["location"].rpartition("/")[2]
        async with client.stream("GET", f"/console/documents/uploads/{identity}/progress") as told:
            async for line in told.aiter_lines():
                if line in ("data: read", "data: refused"):
                    break
    return identity


async def test_an_upload_answers_once_it_is_put_in_force_and_is_taken_back_at_once(
    site: Served, admin: Colleague, browser: Browser, tmp_path: Path
) -> None:
    assert "每月每平方米6元" not in answers(site)
    (tmp_path / NAME).write_text(CHANGED, "utf-8")
    page = await admin.sits_down(browser)
    await page.goto("/console/documents")
    assert await violations(page) == []
    await page.get_by_label("上传文件").set_input_files(tmp_path / NAME)
    await page.get_by_role("button", name="上传并读取").click()
    # Told by server-sent events, the page shows what was read.
    await expect(page.get_by_label("标题")).to_have_value("望川县回乡投资促进措施")
    await expect(page.locator(".clause--new")).to_have_count(1)
    await expect(page.locator(".clause--new")).to_contain_text("第三条")
    assert await violations(page) == []
    assert "每月每平方米6元" not in answers(site), "nothing answers before a person has read it over"
    lin = await sits_down(browser, site, phone=True)
    await expect(await lin.says(QUESTION)).not_to_contain_text("每月每平方米6元")

    await page.get_by_role("button", name="核对无误，启用").click()
    await expect(page.get_by_role("status")).to_contain_text("已启用")
    assert "每月每平方米6元" in answers(site)
    await expect(await lin.says(QUESTION)).to_contain_text("每月每平方米6元")

    page.on("dialog", lambda dialog: dialog.accept())
    await page.get_by_role("button", name="换回这一版").click()
    await expect(page.get_by_role("status")).to_contain_text("已换回")
    assert "每月每平方米6元" not in answers(site)
    assert "每月每平方米" in answers(site)
    back = await lin.says(QUESTION)
    await expect(back).to_contain_text("每月每平方米")
    await expect(back).not_to_contain_text("每月每平方米6元")


async def test_what_is_put_right_while_reading_over_counts_as_a_correction(site: Served, admin: Colleague) -> None:
    identity = await uploads(admin, "活动补助办法.txt", "望川县活动补助办法\n第一条 每场活动补助1234元。".encode())
    path = f"/console/documents/uploads/{identity}"
    wrong = await admin.posts(f"{path}/activate", title="望川县活动补助办法", published="not a day")
    assert wrong.status_code == 422
    done = await admin.posts(
        f"{path}/activate", title="望川县活动补助办法", issuer="望川县文旅局", published="2026-01-05"
    )
    assert done.status_code == 303
    shown = await admin.gets(done.headers["location"])
    assert "望川县文旅局" in shown.text
    assert "wang.fang 更正过" in shown.text
    assert "1234" in answers(site, "每场活动补助多少？")


async def test_a_document_is_corrected_related_withdrawn_and_restored(site: Served, admin: Colleague) -> None:
    number = next(
        n for i, n in site.app.library.shelf.numbers.items() if site.app.library.shelf.kept[i].read.file == NAME
    )
    path = f"/console/documents/{number}"
    assert (await admin.posts(f"{path}/set", field="issuer", value="县政府办")).status_code == 303
    assert "县政府办" in (await admin.gets(path)).text
    assert (await admin.posts(f"{path}/set", field="published", value="yesterday")).status_code == 422
    assert (await admin.posts(f"{path}/relate", kind="supplements", target="")).status_code == 422
    assert (await admin.posts(f"{path}/withdraw")).status_code == 303
    # What it had repealed counts again.
    assert "1000平方米以上" not in answers(site)
    assert (await admin.posts(f"{path}/withdraw")).status_code == 409
    assert (await admin.posts(f"{path}/restore")).status_code == 303
    assert "1000平方米以上" in answers(site)


async def test_files_that_can_not_be_read_are_refused_with_why(site: Served, admin: Colleague) -> None:
    async with admin.http() as client:
        form = {"csrf": csrf_token(admin.token)}
        for name in ("a.exe", "noending", "../../etc/passwd", ".txt"):
            answer = await client.post("/console/documents/uploads", data=form, files={"files": (name, b"x")})
            assert answer.status_code == 422, name
    identity = await uploads(admin, "坏.pdf", b"%PDF-1.7 nothing of the kind")
    shown = await admin.gets(f"/console/documents/uploads/{identity}")
    assert "这份文件读不出来" in shown.text
    assert (await admin.posts(f"/console/documents/uploads/{identity}/activate")).status_code == 409


async def test_a_page_of_a_pdf_is_drawn_beside_its_text_and_the_file_is_only_taken_away(
    site: Served, admin: Colleague
) -> None:
    pdf = next(Path("samples/documents").glob("*贴息*.pdf"))
    identity = await uploads(admin, pdf.name, pdf.read_bytes())
    picture = await admin.gets(f"/console/documents/uploads/{identity}/page/1.png")
    assert picture.content.startswith(b"\x89PNG")
    assert (await admin.gets(f"/console/documents/uploads/{identity}/page/99.png")).status_code == 404
    file = await admin.gets(f"/console/documents/uploads/{identity}/file")
    assert file.content == pdf.read_bytes()
    assert file.headers["content-disposition"].startswith("attachment")


async def test_an_upload_put_aside_is_never_put_in_force(site: Served, admin: Colleague) -> None:
    identity = await uploads(admin, "草稿.txt", "望川县草稿\n第一条 内容。".encode())
    assert (await admin.posts(f"/console/documents/uploads/{identity}/discard")).status_code == 303
    assert (await admin.posts(f"/console/documents/uploads/{identity}/activate")).status_code == 409
