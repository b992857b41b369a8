import { existsSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { pages, root, type Page } from "./pages.ts";

test.each(pages)("every relative link of $path leads to a file and a heading", (page) => {
  const targets = linksOf(page.text).filter((link) => !/^[a-z]+:/.test(link));
  expect(targets.filter((link) => !leadsSomewhere(page, link))).toEqual([]);
});

test("an anchor is the heading in lower case, with dashes and without punctuation", () => {
  expect(anchorsOf("## Run `dp up` (twice)\n## A, b\n## A, b\n")).toEqual([
    "run-dp-up-twice",
    "a-b",
    "a-b-1",
  ]);
});

/** The targets of links and images, outside of code. */
function linksOf(text: string): string[] {
  const prose = withoutCode(text).replaceAll(/`[^`\n]*`/g, "");
  const markdown = [...prose.matchAll(/\]\(([^)\s]+)\)/g)];
  const html = [...prose.matchAll(/\b(?:src|href)="([^"]+)"/g)];
  return [...markdown, ...html].map(([, target = ""]) => target);
}

function leadsSomewhere(page: Page, link: string): boolean {
  const [file = "", anchor] = link.split("#");
  const target = file === "" ? page.path : path.join(path.dirname(page.path), file);
  if (!existsSync(path.join(root, target))) return false;
  if (anchor === undefined) return true;
  const found = pages.find((one) => one.path === target);
  return found !== undefined && anchorsOf(found.text).includes(anchor);
}

/** The anchors that GitHub gives to headings; a repeated heading gets a number. */
function anchorsOf(text: string): string[] {
  const seen = new Map<string, number>();
  return [...withoutCode(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = ""]) => {
    const anchor = heading
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, "")
      .replaceAll(" ", "-");
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  });
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```.*?^```$/gms, "");
}
