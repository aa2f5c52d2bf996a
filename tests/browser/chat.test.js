// Two people in two pages on two nodes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startRedis } from "../interop/lib/redis.js";
import { startBrowser } from "./browser.js";
import { emit, startChatNode } from "./chat-node.js";

async function open(browser, node, nick) {
  const page = await browser.newPage();
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(error.message));
  await page.goto(node.url);
  await page.getByLabel("Your nick name").fill(nick);
  await page.getByRole("button", { name: "Enter" }).click();
  await shown(page, "You are in lobby.");
  return page;
}

const log = (page) => page.getByRole("log");
const shown = (page, text) => log(page).getByText(text, { exact: true }).last().waitFor();

async function say(page, text) {
  await page.getByLabel("Message", { exact: true }).fill(text);
  await page.getByRole("button", { name: "Send" }).click();
}

async function twoPeople(t) {
  const redis = await startRedis(t);
  const nodes = [await startChatNode(t, redis.url), await startChatNode(t, redis.url)];
  const browser = await startBrowser(t);
  const ada = await open(browser, nodes[0], "Ada");
  const ben = await open(browser, nodes[1], "Ben");
  return { redis, nodes, ada, ben };
}

test("people on two nodes talk, and the emitter is heard", async (t) => {
  const { redis, nodes, ada, ben } = await twoPeople(t);
  await shown(ada, "Ben has come in.");

  await say(ada, "Good morning <b>Ben</b> & all");
  await shown(ben, "Good morning <b>Ben</b> & all");
  await say(ben, "Guten Morgen, schöne Welt 🎉");
  await shown(ada, "Guten Morgen, schöne Welt 🎉");
  await ada.locator("#log .mine:not(.waiting)").waitFor();
  assert.equal(await ada.locator("#log .problem").count(), 0);

  for (const page of [ada, ben]) await page.getByText("by websocket").waitFor(); // what is volatile is dropped while a transport changes
  const typing = ada.getByText("Ben is typing").waitFor(); // it goes away by itself
  await ben.getByLabel("Message", { exact: true }).pressSequentially("hm");
  await typing;

  await emit(redis.url, "--room", "lobby", "headline", '{"title":"Rain until noon"}');
  for (const page of [ada, ben]) await shown(page, "Rain until noon");

  for (const [index, page] of [ada, ben].entries()) {
    await page.getByText(`:${nodes[index].port}`).waitFor();
    assert.deepEqual(page.problems, []);
  }
});

test("rooms are apart", async (t) => {
  const { ada, ben } = await twoPeople(t);
  await ben.getByRole("button", { name: "garden" }).click();
  await shown(ben, "You are in garden.");
  await shown(ada, "Ben has gone.");
  await say(ada, "only for the lobby");
  await ada.locator("#log .mine:not(.waiting)").waitFor();
  await ada.getByLabel("Name of another room").fill("garden");
  await ada.getByRole("button", { name: "Open this room" }).click();
  await shown(ben, "Ada has come in.");
  await say(ada, "and this for the garden");
  await shown(ben, "and this for the garden");
  assert.equal(await log(ben).getByText("only for the lobby").count(), 0);
});

test("a page says that its node has gone, and comes back with it", async (t) => {
  const { nodes, ada, ben } = await twoPeople(t);
  await nodes[0].stop();
  await ada.locator("#connection", { hasText: "reconnecting" }).waitFor();
  assert.equal(await ada.getByRole("button", { name: "Send" }).isDisabled(), true);
  await shown(ben, "Ada has gone.");
  await nodes[0].start();
  await ada.locator("#connection", { hasText: /^connected$/ }).waitFor();
  await ada.locator("#send:enabled").waitFor();
  await say(ada, "I am back");
  await shown(ben, "I am back");
});

test("a nick name that the node refuses is said so", async (t) => {
  const redis = await startRedis(t);
  const node = await startChatNode(t, redis.url);
  const browser = await startBrowser(t);
  const page = await browser.newPage();
  await page.goto(node.url);
  await page.getByLabel("Your nick name").fill("ö".repeat(20));
  await page.getByRole("button", { name: "Enter" }).click();
  await page.getByRole("alert").getByText("A nick name has 1 to 24 letters.").waitFor();
});

test("the page fits a narrow screen, light or dark", async (t) => {
  const redis = await startRedis(t);
  const node = await startChatNode(t, redis.url);
  const browser = await startBrowser(t, { viewport: { width: 360, height: 640 }, colorScheme: "dark" });
  const page = await open(browser, node, "Ada");
  await say(page, "x".repeat(900));
  await page.locator("#log .mine:not(.waiting)").waitFor();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.equal(wide, 360);
  const [background, text] = await page.evaluate(() => {
    const style = getComputedStyle(document.body);
    return [style.backgroundColor, style.color].map((color) => Number(/\d+/.exec(color)[0]));
  });
  assert.ok(background < 64 && text > 192, `${background} behind ${text}`);
});

// SIO_SCREENSHOT=docs/chat.png makes the picture of the documentation.
test("a picture of the chat", { skip: !process.env.SIO_SCREENSHOT }, async (t) => {
  const { redis, ada, ben } = await twoPeople(t);
  await shown(ada, "Ben has come in.");
  for (const page of [ada, ben]) await page.setViewportSize({ width: 620, height: 660 });
  await ben.emulateMedia({ colorScheme: "dark" });
  const conversation = [
    [ada, "Morning! Did the release go out last night?"],
    [ben, "It did, at ten. Both nodes are on it, nobody was disconnected."],
    [ada, "And you are on the other one just now?"],
    [ben, "Yes. I stopped mine for a minute to see what happens: the page said so, and came back by itself."],
    [ada, "And the headlines are a cron job that knows nothing but Redis. Lovely."],
  ];
  for (const [index, [page, text]] of conversation.entries()) {
    await say(page, text);
    await shown(page === ada ? ben : ada, text);
    if (index === 2)
      await emit(redis.url, "--room", "lobby", "headline", '{"title":"The harbour bridge opens an hour earlier"}');
  }
  const writing = "Coffee at eleven?";
  await ben.getByLabel("Message", { exact: true }).pressSequentially(writing);
  await ada.getByText("Ben is typing").waitFor();
  const shots = [];
  for (const page of [ada, ben]) shots.push(await page.screenshot({ type: "png" }));
  const both = await ada.context().newPage();
  await both.setViewportSize({ width: 1304, height: 708 });
  const images = shots.map((shot) => `<img src="data:image/png;base64,${shot.toString("base64")}">`);
  await both.setContent(`<style>
    body { margin: 0; padding: 24px; display: flex; gap: 16px; background: #c9d6d3 }
    img { border-radius: 12px; box-shadow: 0 4px 16px #0004 }</style>${images.join("")}`);
  await both.screenshot({ path: process.env.SIO_SCREENSHOT });
});
