/*
 * version.h: which library reads the configuration. Apart from conf.h because only `tandem
 * --version` asks.
 */
#ifndef TANDEM_CONF_VERSION_H
#define TANDEM_CONF_VERSION_H

/* "0.2.5"; static. */
const char *conf_library_version(void);

#endif
