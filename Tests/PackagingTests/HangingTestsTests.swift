import BursarFoundation
import TestSupport
import Testing

/// The end that `Scripts/test` makes of tests that hang; the shell's `sleep` is a clock that the test moves.
@Suite struct HangingTestsTests {
    /// An event as `swift test` writes it; a suite has no place in a file.
    private static func event(_ kind: String, _ test: String, place: String = #"\/Suite.swift:1:6"#) -> String {
        #"{"kind":"event","payload":{"kind":"\#(kind)","messages":[{"text":"Test \"\#(test)\"."}],"#
            + #""testID":"Tests.Suite\/`\#(test)`()\#(place)"},"version":"6.3.0"}"# + "\n"
    }

    private static let begun =
        event("testStarted", "suite", place: "") + event("testStarted", "it ends") + event("testStarted", "it hangs")
        + event("testStarted", "a case of it hangs") + event("testCaseStarted", "a case of it hangs")
        + event("testCaseEnded", "a case of it hangs") + event("testCaseStarted", "a case of it hangs")
        + event("testEnded", "it ends")

    /// The run's own end, long after a hang would have been noticed.
    private static let endAfterAWhile = "[ $polls != 100 ] || { kill -KILL $tests $(cat $TMPDIR/child); wait $tests; }"

    /// Watches two processes that never end by themselves, each in a group of its own as SwiftPM and its tests are, for
    /// 60 s of the clock that `sleep` is.
    ///
    /// Both hold the output open, so this returns only once both have ended.
    private func watch(_ log: String, sleep: String) async throws -> Program.Outcome {
        let script = """
            cd "$1" && . Scripts/setup.sh
            log=$TMPDIR/log
            printf '%s' "$2" >"$log"
            set -m
            bash -c 'set -m; sleep 100000 & echo $! >"$TMPDIR/child"; wait' &
            tests=$!
            set +m
            until [ -s "$TMPDIR/child" ]; do :; done
            polls=0
            sleep() { polls=$((polls + 1)); \(sleep); }
            watch_tests "$log" 60 "$tests"
            echo "polls $polls"
            """
        return try await Workplace().run("/bin/bash", ["-c", script, "bash", Checkout.root, log])
    }

    @Test func `tests that hang are named, and end with all that they started`() async throws {
        let outcome = try await watch(Self.begun, sleep: ":")
        #expect(
            outcome.errors == """
                error: no test has ended for 60 s; these have started and not ended:
                  Tests.Suite/`a case of it hangs`()/Suite.swift:1:6
                  Tests.Suite/`it hangs`()/Suite.swift:1:6

                """
        )
        #expect(outcome.output.hasPrefix("polls "))
    }

    @Test func `while tests end, however slowly, none is ended`() async throws {
        let ends = #"echo '{"kind":"event","payload":{"kind":"testCaseEnded"}}' >>"$log""#
        let outcome = try await watch(Self.begun, sleep: "[ $((polls % 5)) != 0 ] || \(ends); \(Self.endAfterAWhile)")
        #expect(outcome.errors.isEmpty)
        #expect(outcome.output == "polls 100\n")
    }

    @Test func `the time that the build takes doesn't count`() async throws {
        let outcome = try await watch("", sleep: Self.endAfterAWhile)
        #expect(outcome.errors.isEmpty)
        #expect(outcome.output == "polls 100\n")
    }
}
