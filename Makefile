# Tandem's build. `make` builds build/tandem; `make help` lists the other goals.
#
# A variant (another compiler, a sanitizer) is built in its own folder, so that no two variants
# ever share an object:
#   make                        build/
#   make CC=clang               build/clang/
#   make SAN=address,undefined  build/address-undefined/
#   make SAN=thread             build/thread/
#   make BUILD=/tmp/x           /tmp/x/
# DEV=1 adds -Werror, V=1 shows the commands. A change of flags rebuilds what was built with the old
# ones.

CC := $(if $(filter default,$(origin CC)),gcc,$(CC))
SAN ?=
DEV ?=
FUZZ_CC ?= clang
Q := $(if $(V),,@)

comma := ,
compiler_name := $(if $(findstring clang,$(CC)),clang,$(filter-out gcc cc,$(notdir $(CC))))
variant := $(subst $(eval) ,-,$(strip $(compiler_name) $(subst $(comma), ,$(SAN))))
BUILD ?= build$(if $(variant),/$(variant))

# --- flags ---------------------------------------------------------------

PACKAGES := libevent_core libevent_extra libevent_openssl libevent_pthreads openssl lmdb yaml-0.1 \
    libxxhash jansson libsodium libpcre2-8

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla \
    -Wwrite-strings -Wundef -Wcast-qual -Wformat=2 -Wimplicit-fallthrough $(if $(DEV),-Werror)

# Uninitialised automatic variables read as zero; clang 14 refuses zero and takes a pattern.
auto_init = -ftrivial-auto-var-init=$(if $(findstring clang,$(1)),pattern,zero)
HARDENING := -fstack-protector-strong -fstack-clash-protection -fcf-protection=full -fPIE \
    -fno-strict-aliasing -fno-strict-overflow -fno-delete-null-pointer-checks
LINK_HARDENING := -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code

BASE := -std=c11 -D_GNU_SOURCE -I. -g -pthread -fno-common $(WARNINGS) $(HARDENING) -MMD -MP \
    $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
# The sanitizers' interceptors and fortified calls get in each other's way, so a sanitized build is
# not fortified.
PLAIN := -O2 -D_FORTIFY_SOURCE=3
sanitize = -O1 -fno-omit-frame-pointer -fno-sanitize-recover=all -fsanitize=$(1)

FLAGS := $(BASE) $(call auto_init,$(CC)) $(if $(SAN),$(call sanitize,$(SAN)),$(PLAIN))
FUZZ_FLAGS := $(BASE) $(call auto_init,$(FUZZ_CC)) -DTANDEM_FUZZ \
    $(call sanitize,fuzzer-no-link$(comma)address$(comma)undefined)
LINK := $(LINK_HARDENING) $(if $(SAN),-fsanitize=$(SAN))
FUZZ_LINK := -fsanitize=fuzzer,address,undefined
LIBS := -Wl,--as-needed $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lm

# --- sources ---------------------------------------------------------------

LOWER_SOURCES := $(wildcard protocol/*.c store/*.c conf/*.c)
CORE_SOURCES := $(wildcard gateway/relay/*.c gateway/relay/commands/*.c)
SOURCES := $(LOWER_SOURCES) $(CORE_SOURCES) $(wildcard gateway/*.c gateway/commands/*.c)
LIB_SOURCES := $(filter-out gateway/main.c,$(SOURCES))
SIM_SOURCES := $(wildcard tests/sim/*.c)
SHAPE_SOURCES := $(wildcard tests/shape/*.c)

UNIT_TESTS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*_test.c))
UNIT_HELPERS := $(filter-out %_test.c,$(wildcard tests/unit/*.c))
FUZZ_TARGETS := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*_fuzz.c))
FUZZ_HELPERS := $(filter-out %_fuzz.c,$(wildcard tests/fuzz/*.c))
# Each bench tool is one file with its own main; files named bench_* are shared by all of them.
BENCH_HELPERS := $(wildcard tests/bench/bench_*.c)
BENCH_MAINS := $(filter-out $(BENCH_HELPERS),$(wildcard tests/bench/*.c))
BENCH_TOOLS := $(patsubst tests/bench/%.c,%,$(BENCH_MAINS))

objects = $(patsubst %.c,$(1)/obj/%.o,$(2))
checked = $(patsubst %.c,$(BUILD)/syntax/%.ok,$(1))
FUZZ_BUILD := $(BUILD)/fuzz
SIM_BUILD := $(BUILD)/sim

# --- goals ---------------------------------------------------------------

.PHONY: all unit syntax fuzz sim bench everything clean help libraries
.SECONDARY:
.DELETE_ON_ERROR:

all: $(if $(wildcard gateway/main.c),$(BUILD)/tandem,$(BUILD)/libtandem.a)
unit: $(UNIT_TESTS:%=$(BUILD)/unit/%)
# The warnings of this compiler about the programs of the tests, without the programs.
syntax: $(call checked,$(wildcard tests/unit/*.c) $(SIM_SOURCES) $(SHAPE_SOURCES))
fuzz: $(FUZZ_TARGETS:%=$(FUZZ_BUILD)/%)
sim: $(if $(wildcard tests/sim/*.c),$(SIM_BUILD)/tandem-sim) $(SIM_BUILD)/tandem-shape
bench: $(BENCH_TOOLS:%=$(BUILD)/bench/%)
everything: all unit fuzz sim bench

help:
	@echo 'all (the daemon), unit, syntax, fuzz, sim, bench, everything, clean'
	@echo 'variables: DEV=1, V=1, CC=clang, SAN=address,undefined, SAN=thread, BUILD=FOLDER'

# What a program of Tandem is linked with, for scripts that build their own.
libraries:
	@echo '$(LIBS)'

clean:
	rm -rf $(BUILD)

$(BUILD)/tandem: $(BUILD)/obj/gateway/main.o $(BUILD)/libtandem.a
	@echo "  LINK $@"
	$(Q)$(CC) $(FLAGS) $(LINK) -o $@ $^ $(LIBS)

$(BUILD)/unit/%: $(BUILD)/obj/tests/unit/%.o $(call objects,$(BUILD),$(UNIT_HELPERS)) \
    $(BUILD)/libtandem.a
	@mkdir -p $(@D)
	@echo "  LINK $@"
	$(Q)$(CC) $(FLAGS) $(LINK) -o $@ $^ $(LIBS)

$(BUILD)/bench/%: $(BUILD)/obj/tests/bench/%.o $(call objects,$(BUILD),$(BENCH_HELPERS)) \
    $(call objects,$(BUILD),$(wildcard protocol/*.c))
	@mkdir -p $(@D)
	@echo "  LINK $@"
	$(Q)$(CC) $(FLAGS) $(LINK) -o $@ $^ $(LIBS)

# Those that measure the core have it inside.
$(BUILD)/bench/core-%: $(BUILD)/obj/tests/bench/core-%.o $(BUILD)/libtandem.a
	@mkdir -p $(@D)
	@echo "  LINK $@"
	$(Q)$(CC) $(FLAGS) $(LINK) -o $@ $^ $(LIBS)

$(FUZZ_BUILD)/%_fuzz: $(FUZZ_BUILD)/obj/tests/fuzz/%_fuzz.o \
    $(call objects,$(FUZZ_BUILD),$(FUZZ_HELPERS)) $(FUZZ_BUILD)/libtandem.a
	@echo "  LINK $@"
	$(Q)$(FUZZ_CC) $(FUZZ_FLAGS) $(FUZZ_LINK) -o $@ $^ $(LIBS)

$(SIM_BUILD)/tandem-shape: $(call objects,$(SIM_BUILD),$(SHAPE_SOURCES)) $(SIM_BUILD)/libcore.a \
    $(call objects,$(BUILD),$(LOWER_SOURCES))
	@echo "  LINK $@"
	$(Q)$(CC) $(FLAGS) $(LINK) -o $@ $^ $(LIBS)

$(SIM_BUILD)/tandem-sim: $(call objects,$(SIM_BUILD),$(SIM_SOURCES)) $(SIM_BUILD)/libcore.a \
    $(call objects,$(BUILD),$(LOWER_SOURCES))
	@echo "  LINK $@"
	$(Q)$(CC) $(FLAGS) $(LINK) -o $@ $^ $(LIBS)

# The archive is made anew: ar would keep the object of a source file that is gone.
$(BUILD)/libtandem.a: $(call objects,$(BUILD),$(LIB_SOURCES))
$(SIM_BUILD)/libcore.a: $(call objects,$(SIM_BUILD),$(CORE_SOURCES))
$(FUZZ_BUILD)/libtandem.a: $(call objects,$(FUZZ_BUILD),$(LIB_SOURCES))
%.a:
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

# Planted bugs are behind TANDEM_SIM, so that no other build can contain one. They are bugs of the
# core alone: what is below it is the same as the daemon's.
$(SIM_BUILD)/obj/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(CC) $(FLAGS) -DTANDEM_SIM -c -o $@ $<

$(FUZZ_BUILD)/obj/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(FUZZ_CC) $(FUZZ_FLAGS) -c -o $@ $<

$(BUILD)/syntax/tests/sim/%.ok $(BUILD)/syntax/tests/shape/%.ok: defines := -DTANDEM_SIM

$(BUILD)/syntax/%.ok: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CHECK $@"
	$(Q)$(CC) $(FLAGS) $(defines) -fsyntax-only -MF $(@:.ok=.d) -MT $@ $<
	@touch $@

$(BUILD)/obj/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(CC) $(FLAGS) -c -o $@ $<

# Rewritten only when the flags differ from those of the last run.
ifeq ($(filter clean help,$(MAKECMDGOALS)),)
flags_now := $(CC) $(FLAGS) $(LINK) $(FUZZ_CC) $(FUZZ_FLAGS)
$(shell mkdir -p $(BUILD); [ "$$(cat $(BUILD)/flags 2>/dev/null)" = '$(flags_now)' ] || \
    echo '$(flags_now)' >$(BUILD)/flags)
endif
$(BUILD)/flags: ;

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
