/** The state of a task: what survives a crash, and how it is written. */
@NullMarked
package io.millrace.topology.store;

import org.jspecify.annotations.NullMarked;
