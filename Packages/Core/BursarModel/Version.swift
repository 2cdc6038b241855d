/// Which Bursar this is: the same for all its programs.
package enum Version {
    package static let current = "0.1.0"
}
