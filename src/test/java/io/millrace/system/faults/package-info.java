/**
 * Faults in the neighbours of processors and in processors themselves, and what may come of them.
 */
@NullMarked
package io.millrace.system.faults;

import org.jspecify.annotations.NullMarked;
