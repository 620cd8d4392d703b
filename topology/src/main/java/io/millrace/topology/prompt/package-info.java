/** From the bytes of a record to a prompt that the engine can run, or the reason why not. */
@NullMarked
package io.millrace.topology.prompt;

import org.jspecify.annotations.NullMarked;
