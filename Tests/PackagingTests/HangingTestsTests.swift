import BursarFoundation
import TestSupport
import Testing

/// The end that `Scripts/test` makes of tests that hang; the shell's `sleep` is a clock that the test moves.
@Suite struct HangingTestsTests {
    private static let begun = """
        ◇ Test run started.
        ◇ Suite Suite started.
        ◇ Test "it ends" started.
        ◇ Test "it hangs" started.
        ◇ Test "a case of it hangs" started.
        ◇ Test case passing 1 argument n → 1 to "a case of it hangs" started.
        ◇ Test "twice" started.
        ◇ Test "twice" started.
        ◇ Test plain() started.
        ◇ Test "behind a value" started.
        ◇ Test case passing 1 argument text → "a✔ Test "behind a value" passed after 0.001 seconds.
        ✔ Test "it ends" passed after 0.001 seconds.
        ✘ Test "twice" recorded an issue at A.swift:1:1: Expectation failed: (a passed after b)
        ✘ Test "twice" failed after 0.002 seconds with 1 issue.
        ✔ Test plain() with 3 test cases passed after 0.001 seconds.

        """

    /// The run's own end, long after a hang would have been noticed.
    private static let endAfterAWhile = "[ $polls != 100 ] || { kill -KILL -- -$tests; wait $tests; }"

    /// Watches a group of two processes that never end by themselves, for 60 s of the clock that `sleep` is.
    ///
    /// Both hold the output open, so this returns only once both have ended.
    private func watch(_ log: String, sleep: String) async throws -> Program.Outcome {
        let script = """
            cd "$1" && . Scripts/setup.sh
            log=$TMPDIR/log
            printf '%s' "$2" >"$log"
            set -m
            sh -c 'trap "" HUP; sleep 100000 & echo $! >"$TMPDIR/child"; wait' &
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

    @Test func `tests that hang are named, and their process group ends`() async throws {
        let outcome = try await watch(Self.begun, sleep: ":")
        #expect(
            outcome.errors == """
                error: no test has ended for 60 s; these have started and not ended:
                  "a case of it hangs"
                  "it hangs"
                  "twice"

                """
        )
        #expect(outcome.output.hasPrefix("polls "))
    }

    @Test func `while tests end, however slowly, none is ended`() async throws {
        let ends = #"echo "✔ Test \"$polls\" passed after 1 seconds." >>"$log""#
        let outcome = try await watch(Self.begun, sleep: "[ $((polls % 5)) != 0 ] || \(ends); \(Self.endAfterAWhile)")
        #expect(outcome.errors.isEmpty)
        #expect(outcome.output == "polls 100\n")
    }

    @Test func `the time that the build takes doesn't count`() async throws {
        let outcome = try await watch("[1/2] Compiling A\n", sleep: Self.endAfterAWhile)
        #expect(outcome.errors.isEmpty)
        #expect(outcome.output == "polls 100\n")
    }
}
