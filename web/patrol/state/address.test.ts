import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, pageOf, tidyCode } from "./address.ts";

test("an address leads to its page, and back to itself", () => {
  assert.deepEqual(pageOf("#/alert/abc"), { page: "alert", id: "abc" });
  assert.deepEqual(pageOf("#/film"), { page: "film" });
  assert.deepEqual(pageOf("#/nowhere"), { page: "home" });
  assert.deepEqual(pageOf(""), { page: "home" });
  assert.deepEqual(pageOf(addressOf({ page: "guidance", id: "x" })), { page: "guidance", id: "x" });
});

test("an enrolment code comes by either address, whatever people type around it", () => {
  assert.deepEqual(pageOf("#code=7K3M9-QXD2R"), { page: "enrol", code: "7K3M9-QXD2R" });
  assert.deepEqual(pageOf("#/enrol/7k3m9%20qxd2r"), { page: "enrol", code: "7K3M9-QXD2R" });
  assert.deepEqual(pageOf("#/enrol/%E0%A4%A"), { page: "enrol", code: "" });
  assert.equal(tidyCode(" 7k3m9 – qxd2r "), "7K3M9-QXD2R");
});
