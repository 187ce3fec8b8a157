import { describe, expect, test } from "vitest";
import { python } from "./python.js";

/** A clock that moves when somebody moves it. */
const PROGRAM = `
import io
from types import SimpleNamespace
from dnslb_agent.errors import Failure
from dnslb_agent.log import Deadline
from dnslb_agent.top import observer, sources
clock = SimpleNamespace(now=100.0, monotonic=lambda: clock.now)
sources.time = clock
asked = []

def says(took, what):
    def ask():
        asked.append(clock.now)
        clock.now += took
        if isinstance(what, Exception):
            raise what
        return what
    return ask

def told(source):
    found = source.result(Deadline(5.0))
    return found if isinstance(found, str) else found.value
`;

/** What reads a node whose release is the first of `names`, and whose addresses are what `status` says. */
const OBSERVER = `${PROGRAM}
import threading
names = ["a"]
status = lambda node: "here"
live = SimpleNamespace(user="", services=[])
observer.release = SimpleNamespace(current=lambda node: names[0])
observer.reader = SimpleNamespace(read=lambda path: live)
observer.users = SimpleNamespace(find=lambda name: None, join_group=lambda user: None)
observer.mobility = SimpleNamespace(for_release=lambda live: SimpleNamespace(status=lambda node: status(node)))

def observing(interval):
    return observer.Observer(SimpleNamespace(release_path=lambda name: name), 10, interval)
`;

describe("who is asked", () => {
  test.each([
    ["IndexError('x')", "IndexError: x"],
    ["KeyError('x')", "KeyError: 'x'"],
    ["ValueError('x')", "x"],
    ["Failure('x')", "x"],
    ["OSError(2, 'x')", "x"],
    ["TimeoutError()", "does not answer"],
  ])("and fails by %s has a problem, not its last answer, and writes nowhere", (problem, expected) => {
    const found = python(`${PROGRAM}
sys.stderr = io.StringIO()
answers = [lambda: "well", says(0.0, ${problem})]
source = sources.Source(lambda: answers.pop(0)())
found = []
for _ in range(2):
    source.begin()
    found.append(told(source))
print(json.dumps([*found, sys.stderr.getvalue()]))`);
    expect(found).toEqual(["well", expected, ""]);
  });

  test.each([
    ["at once", "says(0.0, 1)", 5],
    ["slowly", "says(0.75, 1)", 7.5],
    ["very slowly", "says(2.9, 1)", 10],
    ["with a problem, however slowly", "says(2.9, Failure('x'))", 5],
  ])("and answers %s is asked again in time", (_, ask, seconds) => {
    const found = python<number[]>(`${PROGRAM}
source = sources.Source(${ask}, 5.0, 20.0)
source.begin()
told(source)
while len(asked) < 2:
    clock.now = round(clock.now + 0.1, 1)
    source.begin()
    told(source)
print(json.dumps(asked))`);
    expect(found).toEqual([100, 100 + seconds]);
  });

  test("has an answer that holds for so long, and not longer, whether it is asked anew or not", () => {
    const found = python(`${PROGRAM}
source = sources.Source(says(0.0, 1), 5.0, 20.0)
source.begin()
found = [told(source)]
for seconds in (20.0, 0.5):
    clock.now += seconds
    found.append(told(source))
print(json.dumps(found))`);
    expect(found).toEqual([1, 1, "does not answer"]);
  });

  test("of a release that is another by now is awaited at the end, too", () => {
    const found = python(`${OBSERVER}
watching = observing(2.0)
watching._take_release()
going = threading.Event()
ended = []
def slow():
    going.wait()
    ended.append(True)
watching._clients["dnsdist"] = sources.Source(slow, 5.0, 20.0)
watching._clients["dnsdist"].begin()
for name in ("b", "c"):
    names[0] = name
    watching._take_release()
threading.Timer(0.3, going.set).start()
watching.close()
print(json.dumps([ended, list(watching._clients)]))`);
    expect(found).toEqual([[true], []]);
  });

  test("and is slow is heard the next time, however long that lasts", () => {
    const found = python(`${OBSERVER}
answering = threading.Event()
answering.set()
status = lambda node: answering.wait() and "here"
def looked(interval):
    watching = observing(interval)
    watching._take_release()
    found = []
    for is_quick in (True, False):
        (answering.set if is_quick else answering.clear)()
        watching._addresses.begin()
        found.append(watching._addresses.result(Deadline(5.0 if is_quick else 0.0)))
        clock.now += 60.0
    answering.set()
    watching.close()
    return [each if isinstance(each, str) else each.value for each in found]
print(json.dumps([looked(60.0), looked(2.0)]))`);
    expect(found).toEqual([
      ["here", "here"],
      ["here", "does not answer"],
    ]);
  });
});
