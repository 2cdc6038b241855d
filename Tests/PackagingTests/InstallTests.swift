import BursarFoundation
import TestSupport
import Testing

extension HandedOut {
    /// `Scripts/install`, into folders of their own; ``ContainerTests`` runs it on a machine of its own.
    @Suite struct InstallTests {
        private func install(_ place: Workplace, _ release: String, _ options: [String]) async throws -> Program.Outcome
        {
            try await place.run("/bin/sh", [release + "/install"] + options)
        }

        private func files(_ place: Workplace, _ folder: String) throws -> [String] {
            let root = place.folder + "/" + folder
            return try FileManager.default.subpathsOfDirectory(atPath: root).filter { path in
                var isFolder = false
                return FileManager.default.fileExists(atPath: root + "/" + path, isDirectory: &isFolder) && !isFolder
            }
            .sorted()
        }

        @Test(arguments: ["/bin/dash", "/bin/bash"])
        func `creds is put in place for a researcher, again without a change, and taken away`(_ shell: String)
            async throws
        {
            let release = try Release.shared()
            let place = try Workplace()
            let prefix = place.folder + "/a place"
            let given = [
                release.output + "/install", "--archive", release.output + "/" + release.archive, "--prefix", prefix,
            ]
            let first = try await succeeded(place.run(shell, given + ["--signers", release.signers]))
            #expect(first.errors.contains("install: signed: SHA256:"))
            #expect(first.errors.contains("next: put \(prefix)/bin on your PATH, then: creds install --url"))
            let version = try await succeeded(place.run(prefix + "/bin/creds", ["--version"])).output
            #expect(version == Release.version + "\n")
            let put = try files(place, "a place")
            #expect(put.contains("share/bash-completion/completions/creds"))
            #expect(!put.contains { $0.contains("admin") || $0.contains("vending-server") })

            let before =
                try FileManager.default.attributesOfItem(atPath: prefix + "/bin/creds")[.modificationDate] as? Date
            try succeeded(await place.run(shell, given))
            let after =
                try FileManager.default.attributesOfItem(atPath: prefix + "/bin/creds")[.modificationDate] as? Date
            #expect(before == after)
            #expect(try files(place, "a place") == put)

            try succeeded(await place.run(shell, [release.output + "/install", "--uninstall", "--prefix", prefix]))
            #expect(try files(place, "a place") == [])
        }

        @Test func `a server's files go under a root, and settings and databases outlive it`() async throws {
            let release = try Release.shared()
            let place = try Workplace()
            let root = place.folder + "/root"
            let archive = release.output + "/" + release.archive
            let server = ["--server", "--root", root]
            try succeeded(await install(place, release.output, server + ["--archive", archive]))
            for path in [
                "usr/local/bin/vending-server", "usr/local/bin/admin", "usr/local/bin/creds", "etc/bursar/config.yaml",
                "etc/systemd/system/bursar.service", "etc/systemd/system/bursar-backup.timer", "var/lib/bursar",
                "var/backups/bursar",
            ] {
                #expect(place.exists("root/" + path), "\(path)")
            }
            for path in ["/var/lib/bursar", "/var/backups/bursar"] {
                let mode = try FileManager.default.attributesOfItem(atPath: root + path)[.posixPermissions] as? Int
                #expect(mode == 0o700, "\(path)")
            }
            try Data("region: eu-west-1\n".utf8).write(to: URL(filePath: root + "/etc/bursar/config.yaml"))
            try Data("kept".utf8).write(to: URL(filePath: root + "/var/lib/bursar/bursar.sqlite"))
            try succeeded(await install(place, release.output, server + ["--archive", archive]))
            try succeeded(await install(place, release.output, server + ["--uninstall"]))
            let left = try files(place, "root")
            #expect(left == ["etc/bursar/config.yaml", "var/lib/bursar/bursar.sqlite"])
            #expect(
                try String(contentsOfFile: root + "/etc/bursar/config.yaml", encoding: .utf8) == "region: eu-west-1\n"
            )
        }

        @Test func `units name the folder that the programs went to`() async throws {
            let release = try Release.shared()
            let place = try Workplace()
            let archive = ["--archive", release.output + "/" + release.archive]
            let options = ["--server", "--root", place.folder + "/root", "--prefix", "/opt/bursar"]
            try succeeded(await install(place, release.output, options + archive))
            let unit = place.folder + "/root/etc/systemd/system/bursar.service"
            let text = try String(contentsOfFile: unit, encoding: .utf8)
            #expect(text.contains("\nExecStart=/opt/bursar/bin/vending-server serve\n"))
        }

        @Test func `what an older release put there and the new one hasn't is gone`() async throws {
            let release = try Release.shared()
            let place = try Workplace()
            let options = ["--archive", release.output + "/" + release.archive, "--prefix", place.folder + "/p"]
            try succeeded(await install(place, release.output, options))
            let list = place.folder + "/p/share/bursar/installed-creds"
            let old = place.folder + "/p/share/old"
            try Data("old".utf8).write(to: URL(filePath: old))
            let put = try String(contentsOfFile: list, encoding: .utf8)
            try Data((put + old + "\n").utf8).write(to: URL(filePath: list))
            try succeeded(await install(place, release.output, options))
            #expect(!place.exists("p/share/old"))
            #expect(try String(contentsOfFile: list, encoding: .utf8) == put)
        }

        @Test(arguments: ["kept", "p/share/../../kept", "p/share/bursar/../../../kept"])
        func `a list that names another's file removes nothing`(_ path: String) async throws {
            let place = try Workplace()
            try FileManager.default.createDirectory(
                atPath: place.folder + "/p/share/bursar",
                withIntermediateDirectories: true
            )
            try Data("kept".utf8).write(to: URL(filePath: place.folder + "/kept"))
            let list = URL(filePath: place.folder + "/p/share/bursar/installed-creds")
            try Data("\(place.folder)/\(path)\n".utf8).write(to: list)
            let options = ["--uninstall", "--prefix", place.folder + "/p"]
            let outcome = try await succeeded(place.run("/bin/sh", [Checkout.root + "Scripts/install"] + options))
            #expect(outcome.errors.contains("left alone"), "\(outcome.errors)")
            #expect(place.exists("kept"))
        }

        @Test(arguments: ["/opt/a b", "/opt/a|b", "/opt/a&b", "/opt/p%h"])
        func `a folder that a unit couldn't name is refused before anything is put`(_ prefix: String) async throws {
            let place = try Workplace()
            let options = ["--server", "--root", place.folder + "/root", "--prefix", prefix]
            let outcome = try await place.run("/bin/sh", [Checkout.root + "Scripts/install"] + options)
            #expect(outcome.exitCode == 1 && outcome.errors.contains("can't be served"), "\(outcome.errors)")
            #expect(!place.exists("root"))
        }

        @Test func `the archive of creds alone is enough for a researcher, and told from a server's`() async throws {
            let release = try Release.shared()
            let place = try Workplace()
            let options = ["--archive", release.output + "/" + release.credsArchive]
            try succeeded(await install(place, release.output, options + ["--prefix", place.folder + "/p"]))
            #expect(place.exists("p/bin/creds") && place.exists("p/share/zsh/site-functions/_creds"))
            let server = try await install(
                place,
                release.output,
                options + ["--server", "--root", place.folder + "/r"]
            )
            #expect(server.exitCode == 1)
            #expect(server.errors.contains("there is no admin in"), "\(server.errors)")
            #expect(server.errors.contains("hint: bursar-VERSION-linux-ARCH.tar.gz has all three"))
            #expect(!place.exists("r"))
        }

        @Test func `an older release is taken only by who says so`() async throws {
            let place = try Workplace()
            let options = ["--build", place.folder + "/b", "--prefix", place.folder + "/p"]
            // The program of another system's kind is looked at before it is run, so the new one is a real one.
            let build = Checkout.program("creds")
            try FileManager.default.createDirectory(atPath: place.folder + "/b", withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: build, toPath: place.folder + "/b/creds")
            try succeeded(await install(place, Checkout.root + "Scripts", options))
            for (installed, isOlder) in [
                ("0.1.1", true), ("0.10.0", true), ("1.0.0-rc1", true), ("0.1.0", false), ("0.1.0-rc1", false),
                ("0.0.9", false), ("nonsense", false),
            ] {
                for kind in ["creds", "server"] {
                    let record = URL(filePath: place.folder + "/p/share/bursar/version-" + kind)
                    try Data("\(installed)\n".utf8).write(to: record)
                    let outcome = try await install(place, Checkout.root + "Scripts", options)
                    #expect((outcome.exitCode == 1) == isOlder, "\(installed): \(outcome.errors)")
                    if isOlder {
                        let said = "0.1.0 is older than what is in \(place.folder)/p/bin: \(installed)"
                        #expect(outcome.errors.contains(said), "\(outcome.errors)")
                        try succeeded(await install(place, Checkout.root + "Scripts", options + ["--downgrade"]))
                    }
                    if kind == "server" { try FileManager.default.removeItem(at: record) }
                }
            }
        }

        @Test(arguments: [[], ["--root"]])
        func `a program that is there is not run, whatever put it there`(_ option: [String]) async throws {
            let release = try Release.shared()
            let place = try Workplace()
            let root = option.isEmpty ? "" : place.folder
            let prepare = """
                cd "$0" && mkdir -p p/bin && printf '#!/bin/sh\\ntouch "%s/was-run"\\necho 0.0.1\\n' "$0" >p/bin/creds
                chmod 755 p/bin/creds
                """
            try succeeded(await place.run("/bin/sh", ["-c", prepare, place.folder]))
            let prefix = ["--prefix", root.isEmpty ? place.folder + "/p" : "/p"]
            let options = ["--build", release.programs] + prefix + option + (root.isEmpty ? [] : [root])
            try succeeded(await install(place, release.output, options))
            #expect(!place.exists("was-run"))
            let record = place.folder + "/p/share/bursar/version-creds"
            #expect(try String(contentsOfFile: record, encoding: .utf8) == "0.1.0\n")
        }

        /// A machine on which the programs of a release don't run, and the error before anything is written.
        @Test(arguments: [
            ("getconf", "echo glibc 2.17", "needs glibc 2.", "the researcher's guide has ways without creds"),
            ("getconf", "exit 1", "this system has another C library", "ways without creds"),
            (
                "uname", #"case $1 in -m) echo riscv64 ;; *) echo Linux ;; esac"#, "this machine is riscv64",
                "another archive"
            ),
            ("ldd", "echo 'libexpat.so.1 => not found'", "needs libexpat.so.1, which", "libexpat1"),
            ("df", "printf 'h\\nx 9 9 5 9 /\\n'", "there is room for 0 MiB", "--prefix FOLDER"),
        ])
        func `a machine that they don't run on is reported before anything is written`(
            tool: String,
            answer: String,
            said: String,
            hint: String
        ) async throws {
            let release = try Release.shared()
            let place = try Workplace()
            let tools = place.folder + "/tools"
            try FileManager.default.createDirectory(atPath: tools, withIntermediateDirectories: false)
            try Data("#!/bin/sh\n\(answer)\n".utf8).write(to: URL(filePath: tools + "/" + tool))
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: tools + "/" + tool)
            let given = [
                release.output + "/install", "--archive", release.output + "/" + release.credsArchive,
                "--prefix", place.folder + "/p",
            ]
            let outcome = try await place.run("/bin/sh", given, ["PATH": tools + ":/usr/bin:/bin"])
            #expect(outcome.exitCode == 1)
            #expect(outcome.errors.contains(said), "\(outcome.errors)")
            #expect(outcome.errors.contains(hint), "\(outcome.errors)")
            #expect(!place.exists("p"))
        }

        @Test(.enabled(if: Image.isRoot, "needs root"), arguments: [false, true])
        func `a place that runs no programs is reported, and one to unpack in does no harm`(isTarget: Bool) async throws
        {
            let release = try Release.shared()
            let place = try Workplace()
            let script = """
                mkdir -p "$0/noexec" && mount -t tmpfs -o noexec,mode=755 none "$0/noexec" || exit 9
                export TMPDIR="$0/\(isTarget ? "home" : "noexec")"
                exec sh "$1" --archive "$2" --prefix "$0/\(isTarget ? "noexec" : "p")"
                """
            let arguments = [
                "--mount", "sh", "-c", script, place.folder, release.output + "/install",
                release.output + "/" + release.credsArchive,
            ]
            let outcome = try await place.run("unshare", arguments)
            #expect(outcome.exitCode == (isTarget ? 1 : 0), "\(outcome.errors)")
            #expect(outcome.errors.contains("it is mounted noexec") == isTarget)
            #expect(place.exists("p/bin/creds") == !isTarget)
            if !isTarget { #expect(try files(place, "p").allSatisfy { !$0.contains(".bursar-install") }) }
        }

        /// Whose folders root must not write in; 1500 is nobody's number.
        @Test(
            .enabled(if: Image.isRoot, "needs root"),
            arguments: [
                ("chown 1500 p", "p is not root's"), ("chown 1500 p/bin", "p/bin is not root's"),
                ("chmod 777 p", "others than root may write"),
                ("chgrp 1500 p; chmod 775 p", "others than root may write"),
                ("mv p q; chown 1500 q; ln -s q p", "is not root's"),
                ("mv p q; ln -s q p; chown -h 1500 p", "is not root's"),
                ("chmod 1777 p; rmdir p/bin", "is not there, and anybody may make it"),
            ]
        )
        func `root puts nothing where another user may lead it astray`(harm: String, said: String) async throws {
            let release = try Release.shared()
            let place = try Workplace()
            try succeeded(await place.run("/bin/sh", ["-c", "cd \"$0\" && mkdir -p p/bin && \(harm)", place.folder]))
            let options = ["--build", release.programs, "--prefix", place.folder + "/p"]
            let outcome = try await install(place, release.output, options)
            #expect(outcome.exitCode == 1)
            #expect(outcome.errors.contains(said), "\(outcome.errors)")
            #expect(try files(place, "").allSatisfy { !$0.hasSuffix("/creds") })
            let removal = try await install(place, release.output, ["--uninstall", "--prefix", place.folder + "/p"])
            #expect(removal.exitCode == 1 && removal.errors.contains(said), "\(removal.errors)")
        }

        /// Each folder that is written into or removed from, another user's or open to others, under `--root` too.
        @Test(
            .enabled(if: Image.isRoot, "needs root"),
            arguments: [
                "usr/local/bin", "usr/local/share", "usr/local/share/bursar", "usr/local/share/man",
                "usr/local/share/man/man1", "usr/local/share/bash-completion/completions",
                "usr/local/share/zsh/site-functions", "usr/local/share/fish/vendor_completions.d",
                "usr/local/share/old", "etc", "etc/systemd", "etc/systemd/system", "etc/bursar", "var/lib",
                "var/backups",
            ],
            ["chown 1500", "chmod 775 \"$1\" && chgrp 1500", "chmod 777"]
        )
        func `root puts and removes nothing where another user may change a folder`(path: String, harm: String)
            async throws
        {
            let release = try Release.shared()
            let place = try Workplace()
            let root = place.folder + "/root"
            let options = ["--server", "--root", root]
            try succeeded(await install(place, Checkout.root + "Scripts", options + ["--build", release.programs]))
            let prepare = """
                cd "$0" && mkdir -p "$1" usr/local/share/old && touch usr/local/share/old/file
                echo /usr/local/share/old/file >>usr/local/share/bursar/installed-server
                echo kept >usr/local/bin/creds && rm etc/bursar/config.yaml && \(harm) "$1"
                """
            try succeeded(await place.run("/bin/sh", ["-c", prepare, root, path]))
            let before = try files(place, "root")
            // Files are removed from fewer folders than they are put into.
            let isRemovedFrom = [
                "usr/local/bin", "usr/local/share", "usr/local/share/bursar", "usr/local/share/old", "etc",
                "etc/systemd", "etc/systemd/system",
            ].contains(path)
            for more in [["--build", release.programs], ["--uninstall"]] where more.count == 2 || isRemovedFrom {
                let outcome = try await install(place, Checkout.root + "Scripts", options + more)
                #expect(outcome.exitCode == 1 && outcome.errors.contains("/root/" + path), "\(outcome.errors)")
                #expect(outcome.errors.contains("hint: "))
                #expect(try files(place, "root") == before)
                #expect(try String(contentsOfFile: root + "/usr/local/bin/creds", encoding: .utf8) == "kept\n")
            }
        }

        @Test(
            .enabled(if: Image.isRoot, "needs root"),
            arguments: ["chown 1500", "chmod 666", "chmod 664 \"$1\" && chgrp 1500"]
        )
        func `root removes nothing by a list that another user may have written`(harm: String) async throws {
            let release = try Release.shared()
            let place = try Workplace()
            let options = ["--prefix", place.folder + "/p"]
            try succeeded(await install(place, release.output, options + ["--build", release.programs]))
            let list = place.folder + "/p/share/bursar/installed-creds"
            let prepare = "touch \"$0/p/bin/other\" && echo \"$0/p/bin/other\" >>\"$1\" && \(harm) \"$1\""
            try succeeded(await place.run("/bin/sh", ["-c", prepare, place.folder, list]))
            for more in [["--build", release.programs], ["--uninstall"]] {
                let outcome = try await install(place, release.output, options + more)
                #expect(outcome.exitCode == 1)
                #expect(outcome.errors.contains("others than root may have written \(list)"), "\(outcome.errors)")
                #expect(place.exists("p/bin/other") && place.exists("p/bin/creds"))
            }
        }

        @Test(.enabled(if: Image.isRoot, "needs root"), arguments: ["chown 1500", "chmod 777"])
        func `root unpacks nothing where another user may exchange it`(harm: String) async throws {
            let release = try Release.shared()
            let place = try Workplace()
            try succeeded(await place.run("/bin/sh", ["-c", "mkdir \"$0/t\" && \(harm) \"$0/t\"", place.folder]))
            let options = ["--build", release.programs, "--prefix", place.folder + "/p"]
            let given = [release.output + "/install"] + options
            let outcome = try await place.run("/bin/sh", given, ["TMPDIR": place.folder + "/t"])
            #expect(outcome.exitCode == 1 && outcome.errors.contains("TMPDIR=FOLDER"), "\(outcome.errors)")
            #expect(!place.exists("p"))
        }

        @Test(.enabled(if: Image.isRoot, "needs root"))
        func `a root that is named from here is looked at as well`() async throws {
            let release = try Release.shared()
            let place = try Workplace()
            let script = """
                cd "$0" && mkdir -p root/usr/local/bin && chown 1500 root/usr/local/bin || exit 9
                exec sh "$1" --server --root root --build "$2"
                """
            let outcome = try await place.run(
                "/bin/sh",
                ["-c", script, place.folder, release.output + "/install", release.programs]
            )
            #expect(outcome.exitCode == 1 && outcome.errors.contains("is not root's"), "\(outcome.errors)")
            #expect(!place.exists("root/usr/local/bin/creds"))
        }

        @Test func `no link is followed, neither to write nor to remove`() async throws {
            let release = try Release.shared()
            let place = try Workplace()
            let options = ["--build", release.programs, "--prefix", place.folder + "/p"]
            let prepare = """
                cd "$0" && mkdir -p p/bin p/share/bursar out && echo kept >victim && echo kept >out/file
                ln -s "$0/victim" p/bin/creds && ln -s "$0/victim" p/bin/creds.new && ln -s "$0/out" p/share/x
                """
            try succeeded(await place.run("/bin/sh", ["-c", prepare, place.folder]))
            try succeeded(await install(place, release.output, options))
            #expect(try String(contentsOfFile: place.folder + "/victim", encoding: .utf8) == "kept\n")
            let list = place.folder + "/p/share/bursar/installed-creds"
            let put = try String(contentsOfFile: list, encoding: .utf8)
            try Data((put + place.folder + "/p/share/x/file\n").utf8).write(to: URL(filePath: list))
            let removal = try await succeeded(
                install(place, release.output, ["--uninstall", "--prefix", place.folder + "/p"])
            )
            #expect(removal.errors.contains("left alone, since it isn't of a release: \(place.folder)/p/share/x/file"))
            #expect(place.exists("out/file") && !place.exists("p/bin/creds"))

            try FileManager.default.createDirectory(
                atPath: place.folder + "/p/share/bursar",
                withIntermediateDirectories: true
            )
            try FileManager.default.createSymbolicLink(atPath: list, withDestinationPath: place.folder + "/victim")
            let linked = try await install(place, release.output, options)
            #expect(linked.exitCode == 1 && linked.errors.contains("installed-creds is a link"), "\(linked.errors)")
            #expect(try String(contentsOfFile: place.folder + "/victim", encoding: .utf8) == "kept\n")
        }

        /// Damage that an attacker may have done to a release, and the error about it.
        enum Spoilt: String, CaseIterable {
            case archive = "its checksum differs"
            case sums = "is not one of"
            case signature = "error: SHA256SUMS.sig is not beside the archive"
            case noSums = "error: SHA256SUMS is not beside the archive"
            case otherSigner = "the signature of"

            func spoil(_ folder: String, _ release: Release) throws {
                let sums = URL(filePath: folder + "/SHA256SUMS")
                switch self {
                case .archive: try Data("other".utf8).write(to: URL(filePath: "\(folder)/\(release.archive)"))
                case .sums: try (Data(contentsOf: sums) + Data("\n".utf8)).write(to: sums)
                case .signature: try FileManager.default.removeItem(atPath: folder + "/SHA256SUMS.sig")
                case .noSums: try FileManager.default.removeItem(at: sums)
                case .otherSigner: break
                }
            }
        }

        @Test(arguments: Spoilt.allCases)
        func `a release that isn't what was made is refused before anything is put`(_ spoilt: Spoilt) async throws {
            let release = try Release.shared()
            let place = try Workplace()
            let folder = try release.copy(in: place)
            try spoilt.spoil(folder, release)
            var signers = release.signers
            if spoilt == .otherSigner {
                signers = place.folder + "/signers"
                try succeeded(
                    await place.run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", place.folder + "/other"])
                )
                let key = try String(contentsOfFile: place.folder + "/other.pub", encoding: .utf8)
                try Data("bursar \(key)".utf8).write(to: URL(filePath: signers))
            }
            let isUnsigned = spoilt == .noSums
            let options = ["--archive", "\(folder)/\(release.archive)", "--prefix", place.folder + "/p"]
            let outcome = try await install(place, folder, options + (isUnsigned ? [] : ["--signers", signers]))
            #expect(outcome.exitCode == 1)
            #expect(outcome.errors.contains(spoilt.rawValue), "\(outcome.errors)")
            // The copy that it works on is gone by then; what is missing is named as it was released.
            #expect(!outcome.errors.contains("bursar-install."), "\(outcome.errors)")
            #expect(!place.exists("p"))
        }

        @Test func `a checksum from elsewhere serves, and a wrong one doesn't`() async throws {
            let release = try Release.shared()
            let place = try Workplace()
            let folder = try release.copy(in: place)
            let sums = try String(contentsOfFile: folder + "/SHA256SUMS", encoding: .utf8)
            let line = try #require(sums.split(separator: "\n").first { $0.hasSuffix(release.archive) })
            try FileManager.default.removeItem(atPath: folder + "/SHA256SUMS")
            let options = ["--archive", "\(folder)/\(release.archive)", "--prefix", place.folder + "/p", "--sha256"]
            let wrong = try await install(place, folder, options + [String(repeating: "0", count: 64)])
            #expect(wrong.exitCode == 1)
            #expect(!place.exists("p"))
            try succeeded(await install(place, folder, options + [String(line.prefix(64))]))
        }

        @Test func `programs that were built here are taken too`() async throws {
            let place = try Workplace()
            let release = try Release.shared()
            let given = [
                Checkout.root + "Scripts/install", "--build", release.programs, "--bin-dir", place.folder + "/b/bin",
            ]
            try succeeded(await place.run("/bin/sh", given))
            let put = ["bin/creds", "share/bursar/installed-creds", "share/bursar/version-creds"]
            #expect(try files(place, "b") == put)
        }

        @Test(arguments: [
            ["--nonsense"], ["--archive"], ["--archive", ""], ["--sha256", "00"], ["--archive", "a", "--build", "b"],
        ])
        func `what isn't meant is a misuse`(_ arguments: [String]) async throws {
            let outcome = try await Workplace().run("/bin/sh", [Checkout.root + "Scripts/install"] + arguments)
            #expect(outcome.exitCode == 64)
            #expect(outcome.errors.contains("usage: install"))
        }

        @Test func `a user who isn't root learns what a server needs root for`() async throws {
            let place = try Workplace()
            let install = Checkout.root + "Scripts/install"
            let outcome = try await place.run(
                "/usr/bin/setpriv",
                ["--reuid=65534", "--clear-groups", install, "--server"]
            )
            #expect(outcome.exitCode == 1)
            #expect(outcome.errors.contains("--server needs root"))
        }
    }
}
